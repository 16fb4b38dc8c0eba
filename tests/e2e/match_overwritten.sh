#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A set that somebody writes to during the run fails it, and resuming with the right one finds all that there is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_large disk.img
expect_exit 0 trowel index disk.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE md5 IS NOT NULL" | make_set good.tset triage 1
cp good.tset a.tset
expect_exit 0 trowel index disk.img -o whole.db --set a.tset
start_stopped 27 "$TROWEL" index disk.img -o case.db --set a.tset
dd if=/dev/zero of=a.tset bs=4096 seek=1 count=20 conv=notrunc status=none
kill -CONT "$pid"
status=0
wait "$pid" || status=$?
[ "$status" -eq 3 ] || fail "exit status $status, not 3"
expect_err 'a.tset: was written to'
expect_sql failed case.db "SELECT status FROM report_runs"
cp good.tset a.tset
expect_exit 0 trowel index disk.img -o case.db --set a.tset --resume
[ "$(trowel digest case.db)" = "$(trowel digest whole.db)" ] || fail "hits are missing"
expect_exit 0 trowel verify case.db
