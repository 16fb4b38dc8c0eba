#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGINT ends a run with status 3 and a database that is consistent and says that the run was cancelled.
. "$(dirname "$0")/lib.sh"
make_large disk.img
truncate -s 2G disk.img # a hole, so that the digests of the image take a while
interrupted case.db "$TROWEL" index disk.img -o case.db --jobs 1
expect_err 'case.db is consistent and its run incomplete'
expect_sql ok case.db "PRAGMA integrity_check"
expect_sql cancelled case.db "SELECT status FROM report_runs"
[ ! -e case.db-journal ] || fail "a journal was left"
expect_exit 1 trowel verify case.db

# Before its run had begun: nothing is left, and nothing else is said.
rm case.db
stop_at 5 INT "$TROWEL" index disk.img -o case.db --jobs 1
[ "$status" -eq 3 ] || fail "exit status $status of the run interrupted early: $(cat err)"
expect_err 'interrupted: nothing was written to case.db'
[ "$(echo case.db*)" = 'case.db*' ] || fail "left behind: $(echo case.db*)"
