#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A known-good set excludes by SHA-256 where it has that, else by what it has; the hits are on record either way.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
{
	row_of tree/file4.dat '' ''
	echo "$(digest_of md5sum tree/file6.dat),,,,,"
} | make_set strong.tset known-good 1
echo "$(digest_of md5sum tree/file6.dat),,,,," | make_set weak.tset known-good 1

expect_exit 0 trowel index disk.img -o case.db --set strong.tset
expect_sql "/file4.dat|match|md5+sha1+sha256|1
/file6.dat|match|md5|0" case.db "SELECT path, verdict, agreed, excluded FROM report_hits ORDER BY path"
expect_sql "/file4.dat" case.db "SELECT path FROM report_files WHERE known > 0"
expect_exit 0 trowel match case.db --set weak.tset
expect_sql "/file6.dat|match|md5|1" case.db \
	"SELECT path, verdict, agreed, excluded FROM report_hits WHERE session_id = 2"
expect_sql 0 case.db "SELECT count(*) FROM report_hits WHERE alert"
expect_exit 0 trowel verify case.db
