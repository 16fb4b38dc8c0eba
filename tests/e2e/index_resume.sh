#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A killed run goes on with --resume and comes to the same database; another image, option or version is refused.
. "$(dirname "$0")/lib.sh"
make_large disk.img
make_ext4 small.img
expect_exit 0 trowel index small.img disk.img -o whole.db --jobs 2
whole=$(trowel digest whole.db)

# Killed at one change of its database or another, up to the run that needs fewer.
at=1
status=137
while :; do
	rm -f case.db*
	stop_at "$at" KILL "$TROWEL" index small.img disk.img -o case.db --jobs 2
	[ "$status" -eq 137 ] || break
	expect_resumed=0
	sql case.db "SELECT 1 FROM report_runs WHERE status = 'complete'" >complete 2>sql.err || :
	[ ! -s complete ] || expect_resumed=2 # killed behind its last commit
	expect_exit "$expect_resumed" trowel index small.img disk.img -o case.db --jobs 3 --resume
	[ "$expect_resumed" -eq 0 ] || expect_err 'nothing to resume'
	[ "$(trowel digest case.db)" = "$whole" ] || fail "another digest after a kill at change $at"
	expect_exit 0 trowel verify case.db
	expect_sql complete case.db "SELECT status FROM report_runs"
	at=$((at * 3))
done
[ "$status" -eq 0 ] || fail "exit status $status: $(cat err)"
[ "$at" -gt 27 ] || fail "the run was not killed on its way"

cp whole.db case.db
expect_exit 2 trowel index small.img disk.img -o case.db --resume
expect_err 'complete'

# Killed before there was a row, or anything: an empty file is where the run begins. What holds something else stays.
: >empty.db
expect_exit 0 trowel index small.img disk.img -o empty.db --resume
[ "$(trowel digest empty.db)" = "$whole" ] || fail "another digest in a file that was empty"
printf 'not ours' >other.db
expect_exit 2 trowel index small.img disk.img -o other.db --resume
[ "$(cat other.db)" = 'not ours' ] || fail "another's file was written to"

# Interrupted by the user: the same.
rm -f case.db*
interrupted case.db "$TROWEL" index small.img disk.img -o case.db --jobs 2
expect_sql 1 case.db "SELECT count(*) FROM report_runs WHERE status <> 'complete'"
expect_exit 2 trowel index disk.img -o case.db --resume
expect_err 'image'
expect_exit 2 trowel index small.img disk.img -o case.db --resume --no-verify
expect_err 'options'
cp disk.img other.img
printf X | dd of=other.img bs=1 seek=70 conv=notrunc status=none
expect_exit 2 trowel index small.img other.img -o case.db --resume
expect_err 'other.img\|disk.img'
expect_exit 0 trowel index small.img disk.img -o case.db --resume
[ "$(trowel digest case.db)" = "$whole" ] || fail "another digest after an interrupt"
