#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A deleted file of a FAT image is a row with state deleted, and its guessed content says so.
. "$(dirname "$0")/lib.sh"
make_fat disk.img
mdel -i disk.img ::/file6.dat
expect_exit 0 trowel index disk.img -o case.db
expect_sql "deleted|20000|guessed" case.db \
	"SELECT state, size, recovered FROM report_files WHERE name LIKE '%ILE6.DAT' OR name LIKE '%ile6.dat'"
expect_sql 7 case.db "SELECT count(*) FROM report_files WHERE state = 'allocated' AND name LIKE '%.dat'"
