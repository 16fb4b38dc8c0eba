#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGINT ends a run with status 3 and a database that is consistent and says that the run was cancelled.
. "$(dirname "$0")/lib.sh"
make_large disk.img
truncate -s 2G disk.img # a hole, so that the digests of the image take a while
# The shell starts background programs with SIGINT ignored; Python doesn't.
python3 - <<'PYTHON' || fail "exit status of the interrupted run: $(cat err)"
import os, signal, subprocess, sys, time
with open("err", "wb") as err:
	p = subprocess.Popen([os.environ["TROWEL"], "index", "disk.img", "-o", "case.db", "--jobs", "1"],
		stdout=err, stderr=err)
	while p.poll() is None and not (os.path.exists("case.db") and os.path.getsize("case.db") > 0):
		time.sleep(0.01)
	time.sleep(0.2)
	p.send_signal(signal.SIGINT)
	start = time.monotonic()
	status = p.wait()
	assert time.monotonic() - start < 5, "it took more than 5 s to end"
sys.exit(status != 3)
PYTHON
expect_sql ok case.db "PRAGMA integrity_check"
expect_sql cancelled case.db "SELECT status FROM report_runs"
[ ! -e case.db-journal ] || fail "a journal was left"
expect_exit 1 trowel verify case.db
