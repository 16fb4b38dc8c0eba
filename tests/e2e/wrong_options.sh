#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unknown, incomplete, contradicting options and bad numbers are wrong use, each in one line.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
wrong()
{
	expect_exit 2 trowel "$@"
	expect_err
	[ ! -e case.db ] || fail "a database was left behind: $*"
}
wrong
wrong nonsense
wrong index
wrong index disk.img
wrong index -o case.db
wrong index disk.img -o
wrong index disk.img -o case.db --nonsense
wrong index disk.img -o case.db --jobs 0x2
wrong index disk.img -o case.db --jobs -1
wrong index disk.img -o case.db --jobs ''
wrong index disk.img -o case.db --jobs 99999999999999999999
wrong index disk.img -o case.db --jobs 1 --jobs 2
wrong index disk.img -o case.db --memory 5X
wrong index disk.img -o case.db --memory 99999999999T
wrong index disk.img -o case.db --sector-size 777
wrong index disk.img -o case.db --quiet --progress plain
wrong index disk.img -o case.db --progress loud
wrong index disk.img -o case.db --add --resume
wrong index disk.img -o case.db --resume
wrong ls
wrong cat case.db
wrong verify
