#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cat of a file whose image has changed fails and says so.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
id=$(sql case.db "SELECT file_id FROM report_files WHERE path = '/sub/file7.dat'")
at=$(sql case.db "SELECT off FROM extent WHERE file_id = $id ORDER BY stream_off LIMIT 1")
printf '\252\252\252\252' | dd of=disk.img bs=1 seek="$at" conv=notrunc 2>dd.err
expect_exit 3 trowel cat case.db "$id"
expect_err digest
