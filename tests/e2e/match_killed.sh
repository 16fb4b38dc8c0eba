#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at any moment, match leaves a database that verifies, with the whole session or without it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_large disk.img
expect_exit 0 trowel index disk.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE md5 IS NOT NULL" | make_set a.tset triage 1
at=1
status=137
while [ "$status" -eq 137 ]; do
	cp plain.db case.db
	rm -f case.db-journal
	stop_at "$at" KILL "$TROWEL" match case.db --set a.tset
	[ "$status" -eq 0 ] || [ "$status" -eq 137 ] || fail "exit status $status: $(cat err)"
	ended=$status
	expect_exit 0 trowel verify case.db
	sessions=$(sql case.db "SELECT count(*) FROM report_sessions WHERE status = 'complete' AND matches = 3000")
	all=$(sql case.db "SELECT count(*) FROM match_session")
	[ "$sessions" = "$all" ] || fail "half a session after a kill at change $at"
	[ "$all" = 1 ] || expect_exit 0 trowel match case.db --set a.tset
	status=$ended
	at=$((at * 2))
done
[ "$at" -gt 8 ] || fail "match was not killed on its way"
