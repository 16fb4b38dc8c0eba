#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A split raw image given by its first part, or by all of them, is read as one.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
split -b 1500K -d -a 3 --numeric-suffixes=1 disk.img part.
expect_exit 0 trowel index part.001 -o first.db
expect_exit 0 trowel index part.001 part.002 part.003 -o all.db
for db in first.db all.db; do
	expect_sql "1|$(digest_of sha256sum disk.img)" "$db" "SELECT count(*), max(sha256) FROM report_images"
done
