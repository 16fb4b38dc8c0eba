#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A full file system is named as such, and status is 3.
. "$SOURCE/tests/e2e/lib.sh"
mkdir small
mount -t tmpfs -o size=512k none small 2>mount.err || skip "no tmpfs can be mounted here: $(cat mount.err)"
trap 'umount small' EXIT
make_large disk.img
expect_exit 3 "$TROWEL" index disk.img -o small/case.db
expect_err small/case.db full
