#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A killed run goes on with --resume and comes to the same database; another image, option or version is refused.
. "$(dirname "$0")/lib.sh"
make_large disk.img
make_ext4 small.img
expect_exit 0 trowel index small.img disk.img -o whole.db --jobs 2
whole=$(trowel digest whole.db)

# Killed while its database was being written: wait until there is one, and then a moment.
killed=0
for pause in 0 0.02 0.05 0.1 0.2; do
	rm -f case.db*
	"$TROWEL" index small.img disk.img -o case.db --jobs 2 >out 2>err &
	pid=$!
	until [ -s case.db ] || ! kill -0 "$pid" 2>kill.err; do :; done
	sleep "$pause"
	kill -KILL "$pid" 2>kill.err || :
	wait "$pid" 2>wait.err && continue
	status=0
	trowel index small.img disk.img -o case.db --jobs 3 --resume >out 2>err || status=$?
	if [ "$status" -eq 2 ]; then # killed after its end
		grep -q 'nothing to resume' err || fail "refused: $(cat err)"
		continue
	fi
	[ "$status" -eq 0 ] || fail "exit status $status after $pause s: $(cat err)"
	killed=$((killed + 1))
	[ "$(trowel digest case.db)" = "$whole" ] || fail "another digest after a kill at $pause s"
	expect_exit 0 trowel verify case.db
	expect_sql complete case.db "SELECT status FROM report_runs"
done
[ "$killed" -ge 1 ] || skip "none of 5 runs could be killed in time"

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
"$TROWEL" index small.img disk.img -o case.db --jobs 2 >out 2>err &
pid=$!
until [ -s case.db ] || ! kill -0 "$pid" 2>kill.err; do :; done
kill -INT "$pid"
wait "$pid" 2>wait.err || :
if [ "$(sql case.db "SELECT count(*) FROM report_runs WHERE status <> 'complete'")" = 1 ]; then
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
fi
