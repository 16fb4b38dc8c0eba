#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify --image finds one changed byte of the image.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_exit 0 trowel verify case.db --image disk.img
printf x | dd of=disk.img bs=1 seek=4000000 conv=notrunc 2>dd.err
expect_exit 1 trowel verify case.db --image disk.img
grep -q disk.img out err || fail "the image is not named: $(cat out err)"
