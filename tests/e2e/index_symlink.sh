#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A symlink is a row of its own kind with its target, and a hard link's second name a row with the same inode.
. "$(dirname "$0")/lib.sh"
make_tree
ln -s ../elsewhere tree/link
ln tree/file6.dat tree/second
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_sql "symlink|../elsewhere" case.db "SELECT kind, target FROM report_files WHERE path = '/link'"
expect_file case.db /second tree/file6.dat
expect_sql 1 case.db "SELECT count(DISTINCT inode) FROM report_files WHERE path IN ('/second', '/file6.dat')"
