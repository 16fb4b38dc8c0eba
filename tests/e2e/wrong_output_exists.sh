#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An output that exists is refused and left as it was.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
printf 'somebody else'"'"'s file' >case.db
cp case.db before
expect_exit 2 trowel index disk.img -o case.db
expect_err case.db
cmp case.db before || fail "the file was changed"
