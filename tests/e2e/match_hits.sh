#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A listed file is a match under every name that it has, a listed twin of another's MD5 a conflict; index and match agree.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_tree
cp tree/file4.dat tree/sub/copy.dat
make_ext4 disk.img
{
	chaff 1000
	row_of tree/file4.dat 1 planted
	row_of tree/sub/file5.dat 2 other
	echo "$(digest_of md5sum tree/file6.dat),,$(printf twin | sha256sum | cut -d ' ' -f 1),,1,twin"
} | make_set list.tset triage 7

expect_exit 0 trowel index disk.img -o case.db --set list.tset --alert TEST:1
grep -q '3 matches (2 alerts, 0 known), 1 conflicts, 0 damaged' out || fail "not the counts: $(cat out)"
expect_exit 0 trowel verify case.db
all=md5+sha1+sha256
hits_of case.db | cut -d '|' -f 1-11 >got
cat >wanted <<END
/file4.dat|list list.tset|7|triage|TEST|1|match|$all|1|0|planted
/file6.dat|list list.tset|7|triage|TEST|1|conflict|md5|0|0|twin
/sub/copy.dat|list list.tset|7|triage|TEST|1|match|$all|1|0|planted
/sub/file5.dat|list list.tset|7|triage|TEST|2|match|$all|0|0|other
END
diff -u wanted got || fail "other hits"
expect_sql "$(digest_of md5sum tree/file4.dat)|4096|tlp:amber" case.db \
	"SELECT DISTINCT entry_md5, entry_size, marks FROM report_hits WHERE entry = 'planted'"
expect_sql "1|1|0" case.db "SELECT hits, alerts, known FROM report_files WHERE path = '/sub/copy.dat'"

expect_exit 0 trowel index disk.img -o plain.db
expect_exit 0 trowel match plain.db --set list.tset --alert TEST:1
grep -q '^list list.tset 7: 1003 entries; 3 matches (2 alerts, 0 known), 1 conflicts, 0 damaged' out ||
	fail "not the counts: $(cat out)"
expect_exit 0 trowel verify plain.db
hits_of case.db >a
hits_of plain.db >b
diff -u a b || fail "match finds other hits than index"
