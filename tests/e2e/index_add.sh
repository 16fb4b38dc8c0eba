#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --add puts a further image into an existing database and keeps what was there.
. "$(dirname "$0")/lib.sh"
make_ext4 one.img
make_fat two.img
expect_exit 0 trowel index one.img -o case.db
before=$(sql case.db "SELECT path, sha256 FROM report_files WHERE image = 'one.img' ORDER BY file_id")
expect_exit 0 trowel index two.img -o case.db --add
after=$(sql case.db "SELECT path, sha256 FROM report_files WHERE image = 'one.img' ORDER BY file_id")
[ "$before" = "$after" ] || fail "the first image's files changed"
expect_sql "2|2" case.db "SELECT (SELECT count(*) FROM report_images), count(*) FROM report_runs WHERE status = 'complete'"
expect_sql 2 case.db "SELECT count(*) FROM report_files WHERE path = '/file6.dat' AND digest_state = 'complete'"
expect_exit 0 trowel verify case.db
