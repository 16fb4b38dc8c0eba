#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Entries that no content can hit are told by index and info, and info tells class and marks of each set.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
{
	echo md5,sha512
	echo "$(digest_of md5sum tree/file4.dat),"
	echo ",$(digest_of sha512sum tree/file6.dat)"
} >list.csv
expect_exit 0 trowel set import --quiet --class alert --name list --mark h1 -o list.tset list.csv
expect_exit 0 trowel index disk.img -o case.db --set list.tset
grep -q '1 matches (1 alerts, .* damaged; 1 entries without MD5, SHA-1 and SHA-256: never looked up$' out ||
	fail "index does not say it: $(cat out)"
expect_exit 0 trowel info case.db
grep -q '^  1: list (alert, h1), complete, 8 contents: 1 matches .*; 1 of 2 entries never looked up$' out ||
	fail "info does not say it: $(cat out)"
