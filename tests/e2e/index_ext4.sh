#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of an ext4 image is indexed with its size and three digests.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
for file in $(cd tree && find . -type f | cut -c2-); do
	expect_file case.db "$file" "tree$file"
done
expect_sql 8 case.db "SELECT count(*) FROM report_files WHERE kind = 'regular' AND state = 'allocated'"
expect_exit 0 trowel verify case.db
