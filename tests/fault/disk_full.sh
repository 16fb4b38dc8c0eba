#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that fills up ends the run with status 3 and one line, at whatever point that happens.
. "$SOURCE/tests/e2e/lib.sh"
make_large disk.img
# ulimit -f counts in blocks of 512 bytes; the signal that goes with it is ignored so that the write fails.
for blocks in 8 64 256 1024; do
	rm -f case.db*
	status=0
	(
		trap '' XFSZ
		ulimit -f "$blocks"
		exec "$TROWEL" index "$PWD/disk.img" -o "$PWD/case.db"
	) >out 2>err || status=$?
	[ "$status" -eq 3 ] || fail "limit $blocks: exit $status: $(cat err)"
	expect_err case.db
	if [ -s case.db ]; then
		status=0
		"$TROWEL" verify case.db >out 2>err || status=$?
		[ "$status" -ge 1 ] || fail "limit $blocks: verify says that all is well"
	fi
done
