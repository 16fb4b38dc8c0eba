#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image that is missing, a directory or unreadable is one clear line, and no database is left.
. "$(dirname "$0")/lib.sh"
mkdir folder
expect_exit 2 trowel index none.dd -o case.db
expect_err none.dd
[ ! -e case.db ] || fail "a database was left behind"
expect_exit 2 trowel index folder -o case.db
expect_err folder
[ ! -e case.db ] || fail "a database was left behind"
