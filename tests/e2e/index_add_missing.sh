#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --add to a database that does not exist is refused, and none is made.
. "$(dirname "$0")/lib.sh"
make_ext4 one.img
expect_exit 2 trowel index one.img -o none.db --add
expect_err none.db
[ ! -e none.db ] || fail "a database was made"
