#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at any moment, the database passes integrity_check and says that its run is incomplete.
. "$SOURCE/tests/e2e/lib.sh"
make_large disk.img
expect_exit 0 "$TROWEL" index disk.img -o whole.db --jobs 2
at=1
status=137
while [ "$status" -eq 137 ]; do
	rm -f case.db case.db-journal
	stop_at "$at" KILL "$TROWEL" index disk.img -o case.db --jobs 2
	[ "$status" -eq 0 ] || [ "$status" -eq 137 ] || fail "exit status $status: $(cat err)"
	[ -e case.db ] || fail "nothing was begun at change $at"
	# Looked at with its journal, as the next program that opens it will.
	python3 - <<'PYTHON' || fail "killed at change $at"
import sqlite3
con = sqlite3.connect("case.db")
assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
tables = {r[0] for r in con.execute("SELECT name FROM sqlite_master")}
states = set()
if "report_runs" in tables:
	states = {r[0] for r in con.execute("SELECT status FROM report_runs")}
assert states <= {"incomplete", "complete"}, states
print("complete" if states == {"complete"} else "incomplete", file=open("state", "w"))
PYTHON
	verified=0
	"$TROWEL" verify case.db >out 2>err || verified=$?
	if [ "$(cat state)" = complete ]; then
		# The kill came behind the last commit: then nothing may be missing.
		[ "$verified" -eq 0 ] || fail "a run that says complete does not verify"
		[ "$("$TROWEL" digest case.db)" = "$("$TROWEL" digest whole.db)" ] || fail "complete, and another digest"
	else
		[ "$status" -eq 137 ] || fail "a run that went to its end does not say complete"
		[ "$verified" -ge 1 ] || fail "verify says that all is well with a killed run"
	fi
	at=$((at * 8 / 5 + 1))
done
[ "$at" -gt 50 ] || fail "the run changed its files hardly ever: it was not killed on its way"
