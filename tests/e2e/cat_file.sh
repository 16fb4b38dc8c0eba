#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cat writes exactly the bytes of a file.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
id=$(sql case.db "SELECT file_id FROM report_files WHERE path = '/sub/file7.dat'")
expect_exit 0 trowel cat case.db "$id"
cmp out tree/sub/file7.dat || fail "other bytes"
