#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image that may not be read is one clear line with its name.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
chmod 000 disk.img
mkdir open
chmod 777 open .
status=0
as_nobody "$TROWEL" index disk.img -o open/case.db >out 2>err || status=$?
chmod 644 disk.img
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "exit $status: $(cat err)"
expect_err disk.img
[ ! -e open/case.db ] || fail "a database was left behind"
