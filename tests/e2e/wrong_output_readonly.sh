#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A directory that may not be written to is one clear line and status 2 or 3.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
chmod 644 disk.img
mkdir closed
chmod 555 closed
chmod 755 .
status=0
as_nobody "$TROWEL" index disk.img -o closed/case.db >out 2>err || status=$?
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "exit $status: $(cat err)"
expect_err closed/case.db
[ ! -e closed/case.db ] || fail "a database was left behind"
