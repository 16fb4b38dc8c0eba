#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at any moment, match leaves a database that verifies, with the whole session or without it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_large disk.img
expect_exit 0 trowel index disk.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE md5 IS NOT NULL" | make_set a.tset triage 1
killed=0
for pause in 0.001 0.003 0.005 0.007 0.01 0.015 0.02 0.03 0.05; do
	cp plain.db case.db
	rm -f case.db-journal
	"$TROWEL" match case.db --set a.tset >out 2>err &
	pid=$!
	sleep "$pause"
	kill -KILL "$pid" 2>kill.err || :
	wait "$pid" 2>wait.err || killed=$((killed + 1))
	expect_exit 0 trowel verify case.db
	sessions=$(sql case.db "SELECT count(*) FROM report_sessions WHERE status = 'complete' AND matches = 3000")
	all=$(sql case.db "SELECT count(*) FROM match_session")
	[ "$sessions" = "$all" ] || fail "half a session after $pause s"
	[ "$all" = 1 ] || expect_exit 0 trowel match case.db --set a.tset
done
[ "$killed" -ge 1 ] || skip "none of 9 could be killed in time"
