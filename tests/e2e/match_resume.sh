#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A run with sets goes on with the same sets, and with no others.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_large disk.img
expect_exit 0 trowel index disk.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE md5 IS NOT NULL AND file_id % 2 = 0" |
	make_set a.tset triage 1
chaff 9 | make_set b.tset triage 1
expect_exit 0 trowel index disk.img -o whole.db --set a.tset --alert TEST:1

killed=0
for at in 20 60 120; do
	rm -f case.db*
	stop_at "$at" KILL "$TROWEL" index disk.img -o case.db --set a.tset --alert TEST:1
	[ "$(sql case.db "SELECT count(*) FROM report_runs WHERE status = 'incomplete'" 2>sql.err)" = 1 ] || continue
	killed=$((killed + 1))
	expect_exit 2 trowel match case.db --set a.tset
	expect_err 'resume'
	for other in '' '--set b.tset --alert TEST:9' '--set a.tset' '--set a.tset --set b.tset --alert TEST:1'; do
		# shellcheck disable=SC2086 # words
		expect_exit 2 trowel index disk.img -o case.db --resume $other
		expect_err 'the options'
	done
	cp a.tset moved.tset
	expect_exit 0 trowel index disk.img -o case.db --resume --set moved.tset --alert TEST:1
	[ "$(trowel digest case.db)" = "$(trowel digest whole.db)" ] || fail "another digest after a kill at change $at"
	expect_exit 0 trowel verify case.db
done
[ "$killed" -ge 1 ] || fail "none of 3 runs was killed on its way"
