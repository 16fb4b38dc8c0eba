#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Output that can't be written is a failure, not a success.
. "$(dirname "$0")/lib.sh"
[ -w /dev/full ] || skip "there is no /dev/full here"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
for command in ls info digest; do
	status=0
	trowel "$command" case.db >/dev/full 2>err || status=$?
	[ "$status" -eq 3 ] || fail "$command: exit $status"
done
