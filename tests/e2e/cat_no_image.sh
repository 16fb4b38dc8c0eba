#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cat without the image says which file it misses; --image names it anew.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
id=$(sql case.db "SELECT file_id FROM report_files WHERE path = '/sub/file7.dat'")
mkdir moved
mv disk.img moved/disk.img
status=0
trowel cat case.db "$id" >out 2>err || status=$?
[ "$status" -ge 2 ] || fail "exit $status without the image"
expect_err disk.img
expect_exit 0 trowel cat case.db "$id" --image moved/disk.img
cmp out tree/sub/file7.dat || fail "other bytes"
