#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGINT ends a run with status 3 and a database that is consistent and says that the run was cancelled.
. "$(dirname "$0")/lib.sh"
make_large disk.img
"$TROWEL" index disk.img -o case.db --jobs 1 >out 2>err &
pid=$!
for _ in $(seq 500); do
	[ -s case.db ] && break
	sleep 0.01
done
sleep 0.1
kill -INT "$pid" 2>kill.err || skip "the run was over before the signal"
status=0
wait "$pid" || status=$?
[ "$status" -gt 1 ] || skip "the run was over before the signal"
[ "$status" -eq 3 ] || fail "exit $status: $(cat err)"
expect_sql ok case.db "PRAGMA integrity_check"
expect_sql cancelled case.db "SELECT status FROM report_runs"
[ ! -e case.db-wal ] || fail "a write-ahead log was left"
expect_exit 3 trowel verify case.db
