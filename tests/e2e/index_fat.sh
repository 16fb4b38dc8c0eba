#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of a FAT16 image is indexed, and its times are marked as local.
. "$(dirname "$0")/lib.sh"
make_fat disk.img
expect_exit 0 trowel index disk.img -o case.db
for file in $(cd tree && find . -type f | cut -c2-); do
	expect_file case.db "$file" "tree$file"
done
expect_sql local case.db "SELECT DISTINCT time_zone FROM report_files WHERE path LIKE '%.dat'"
expect_exit 0 trowel verify case.db
