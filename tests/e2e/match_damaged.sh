#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A listed digest of content on a damaged chunk is no match: what was digested are zeros in its place.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
ewfacquire -u -q -t set -c none -f encase6 -B "$(wc -c <disk.img)" disk.img >ewf.out 2>&1
python3 - <<'PYTHON'
content = open("tree/sub/file7.dat", "rb").read()
ewf = bytearray(open("set.E01", "rb").read())
at = ewf.index(content[48000:48064])
ewf[at] ^= 1
open("set.E01", "wb").write(ewf)
PYTHON
expect_exit 1 trowel index set.E01 -o plain.db
row=$(sql plain.db "SELECT md5 || ',' || sha1 || ',' || sha256 || ',,1,' FROM report_files
	WHERE path = '/sub/file7.dat' AND digest_state = 'substituted'")
[ -n "$row" ] || fail "the chunk is not damaged"
{
	echo "$row"
	row_of tree/sub/file7.dat 1 whole
} | make_set list.tset alert 1

expect_exit 1 trowel index set.E01 -o case.db --set list.tset --alert 'TEST:*'
expect_exit 0 trowel match plain.db --set list.tset --alert 'TEST:*'
grep -q '1 damaged, in 8 contents (1 of them not complete)$' out || fail "not the contents: $(cat out)"
for db in case.db plain.db; do
	expect_sql "/sub/file7.dat|damaged|0" $db "SELECT path, verdict, alert FROM report_hits"
	expect_exit 0 trowel verify $db
done
