#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --no-sandbox is on record and changes no file.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o one.db
status=0
trowel index disk.img -o two.db --no-sandbox >out 2>err || status=$?
[ "$status" -le 1 ] || fail "exit $status"
columns="path, size, sha256, digest_state, inode, state, created_utc, modified_utc"
[ "$(sql one.db "SELECT $columns FROM report_files ORDER BY file_id")" = \
	"$(sql two.db "SELECT $columns FROM report_files ORDER BY file_id")" ] || fail "the files differ"
sql two.db "SELECT arguments || coalesce(options, '') FROM report_runs" | grep -q sandbox || fail "not on record"
