#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without its worker the run fails in one line and leaves no success behind.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
mkdir bin
cp "$TROWEL" bin/trowel
status=0
env TROWEL_WORKER="$PWD/bin/none" bin/trowel index disk.img -o case.db >out 2>err || status=$?
[ "$status" -eq 3 ] || fail "exit $status"
expect_err bin/none
if [ -e case.db ]; then
	expect_sql failed case.db "SELECT status FROM report_runs"
fi
