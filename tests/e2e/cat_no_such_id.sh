#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cat of an id that is not there is wrong use.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
for id in 999999 0 -- x; do
	expect_exit 2 trowel cat case.db "$id"
done
