#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names that are not UTF-8 keep their bytes, and listing them cannot drive a terminal.
. "$(dirname "$0")/lib.sh"
make_tree
latin=$(printf 'caf\351')
escape=$(printf 'red\033[31m')
cp tree/file6.dat "tree/$latin"
cp tree/file6.dat "tree/$escape"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_sql "636166e9|complete" case.db \
	"SELECT raw_name, digest_state FROM report_files WHERE raw_name IS NOT NULL"
expect_exit 0 trowel ls case.db
if grep -q "$(printf '\033')" out; then
	fail "an escape character reached the terminal"
fi
grep -qF 'red\x1b[31m' out || fail "the name is not there: $(cat out)"
