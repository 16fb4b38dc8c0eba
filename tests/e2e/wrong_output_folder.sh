#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An output in a directory that is not there is one clear line.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
status=0
trowel index disk.img -o none/case.db >out 2>err || status=$?
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "exit $status"
expect_err none/case.db
