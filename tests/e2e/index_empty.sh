#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image of zeros is indexed without files, and its volume row says what is there.
. "$(dirname "$0")/lib.sh"
truncate -s 1M zero.img
expect_exit 0 trowel index zero.img -o case.db
expect_sql "0|1048576|all zero" case.db \
	"SELECT (SELECT count(*) FROM report_files), length, content FROM report_volumes"
expect_sql 1048576 case.db "SELECT sum(bytes) FROM report_ledger WHERE item = 'bytes'"
