#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several images in one call are several image rows, each with its own files.
. "$(dirname "$0")/lib.sh"
make_ext4 one.img
make_fat two.img
expect_exit 0 trowel index one.img two.img -o case.db
expect_sql "$(printf 'one.img|8\ntwo.img|8')" case.db "SELECT image, count(*) FROM report_files
	WHERE kind = 'regular' AND state = 'allocated' AND name LIKE '%.dat' GROUP BY image ORDER BY image"
expect_exit 0 trowel verify case.db
