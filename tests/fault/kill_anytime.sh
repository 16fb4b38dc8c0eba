#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at any moment, the database passes integrity_check and says that its run is incomplete.
. "$SOURCE/tests/e2e/lib.sh"
make_large disk.img
start=$(date +%s%N)
expect_exit 0 "$TROWEL" index disk.img -o whole.db --jobs 2
whole_ms=$((($(date +%s%N) - start) / 1000000))
killed=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	rm -f case.db case.db-journal
	"$TROWEL" index disk.img -o case.db --jobs 2 >out 2>err &
	pid=$!
	sleep "$(awk "BEGIN { print $whole_ms * $i / 12 / 1000 }")"
	kill -KILL "$pid" 2>kill.err || :
	wait "$pid" 2>wait.err && continue
	[ -e case.db ] || continue
	killed=$((killed + 1))
	# Looked at with its journal, as the next program that opens it will.
	python3 - <<'PYTHON' || fail "killed after $i twelfths of $whole_ms ms"
import sqlite3
con = sqlite3.connect("case.db")
assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
tables = {r[0] for r in con.execute("SELECT name FROM sqlite_master")}
states = set()
if "report_runs" in tables:
	states = {r[0] for r in con.execute("SELECT status FROM report_runs")}
assert states <= {"incomplete", "complete"}, states
print("complete" if states == {"complete"} else "incomplete", file=open("status", "w"))
PYTHON
	status=0
	"$TROWEL" verify case.db >out 2>err || status=$?
	if [ "$(cat status)" = complete ]; then
		# The kill came behind the last commit: then nothing may be missing.
		[ "$status" -eq 0 ] || fail "a run that says complete does not verify"
		[ "$("$TROWEL" digest case.db)" = "$("$TROWEL" digest whole.db)" ] || fail "complete, and another digest"
	else
		[ "$status" -ge 1 ] || fail "verify says that all is well with a killed run"
	fi
done
[ "$killed" -ge 3 ] || fail "only $killed of 12 runs were killed in time"
