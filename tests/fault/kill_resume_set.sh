#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same with hash sets, one of which knows every second file: a resumed run has the hits of one that was left alone.
. "$SOURCE/tests/e2e/lib.sh"
. "$SOURCE/tests/e2e/lib_set.sh"
make_large ext4.img
expect_exit 0 "$TROWEL" index ext4.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE md5 IS NOT NULL AND file_id % 9 = 0" |
	make_set a.tset triage 1
sql plain.db "SELECT md5 || ',,' || sha256 || ',,,' FROM report_files WHERE md5 IS NOT NULL AND file_id % 2 = 0" |
	make_set b.tset known-good 1
python3 "$SOURCE/tests/fault/kill_resume.py" --count "${KILLS:-6}" --work work --set a.tset --set b.tset ext4.img
