#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A list with thousands of entries of one digest, on a disk with many copies: index and match record the first and count the rest.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
mkdir tree
for i in $(seq 300); do
	echo same >"tree/f$i"
done
echo other >tree/other
truncate -s 8M disk.img
mke2fs -q -F -t ext4 -b 1024 -U "$UUID" -E "hash_seed=$UUID,root_owner=0:0" -d tree disk.img
python3 - "$(digest_of md5sum tree/f1)" >hostile <<'END'
import sys
for i in range(1, 5001):
	print(f"{sys.argv[1]},,{i:064x},,1,n{i}")
END
make_set hostile.tset triage 1 <hostile
row_of tree/other 1 planted | make_set list.tset triage 1
told='1 matches (1 alerts, 0 known), 76800 conflicts, 0 damaged, 1423200 more of the same files not recorded$'
for jobs in 1 3; do
	expect_exit 0 trowel index disk.img -o "case$jobs.db" --set hostile.tset --set list.tset --alert TEST:1 -j "$jobs"
	grep -q "; $told" out || fail "not told: $(cat out)"
	trowel digest "case$jobs.db" | cut -d ' ' -f 1 >>digests
done
[ "$(sort -u digests | wc -l)" -eq 1 ] || fail "the digest depends on the threads: $(cat digests)"
expect_exit 0 trowel verify case1.db
expect_exit 0 trowel match case1.db --set hostile.tset
grep -q ' 76800 conflicts, 0 damaged, 1423200 more of the same files not recorded, in 30[0-9] contents' out ||
	fail "match does not tell: $(cat out)"
expect_sql "256|4744" case1.db "SELECT count(*), sum(unrecorded) FROM report_hits WHERE session_id = 2 AND path = '/f7'"
expect_exit 0 trowel info case1.db
grep -q '; 1,423,200 more hits of the same files not recorded$' out || fail "info does not tell: $(cat out)"
