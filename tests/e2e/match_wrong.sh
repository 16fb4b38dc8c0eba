#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets and policies that cannot be meant end the command at once with one line, and change nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
row_of tree/file4.dat 1 a | make_set good.tset triage 1
cp good.tset copy.tset
head -c 5000 good.tset >cut.tset
: >empty.tset
cp good.tset flipped.tset
printf '\377' | dd of=flipped.tset bs=1 seek=4100 conv=notrunc status=none
expect_exit 0 trowel index disk.img -o case.db
before=$(sha256sum <case.db)

refused()
{
	wanted=$1 pattern=$2
	shift 2
	expect_exit "$wanted" trowel index disk.img -o new.db "$@"
	expect_err "$pattern"
	[ ! -e new.db ] || fail "a database was made: $*"
	expect_exit "$wanted" trowel match case.db "$@"
	expect_err "$pattern"
	[ "$(sha256sum <case.db)" = "$before" ] || fail "the database has changed: $*"
}
refused 3 'missing.tset' --set missing.tset
refused 3 'good.tset.csv' --set good.tset.csv
refused 3 'cut.tset' --set good.tset --set cut.tset
refused 3 'empty.tset' --set empty.tset
refused 3 'flipped.tset' --set flipped.tset
refused 3 'disk.img' --set disk.img
refused 2 'the same set' --set good.tset --set good.tset
refused 2 'the same set' --set good.tset --set copy.tset
refused 2 "no set has categories" --set good.tset --alert TESTS:1
refused 2 'names no alert category' --set good.tset --alert TEST
refused 2 'a category is missing' --set good.tset --alert TEST:1,
expect_exit 2 trowel match case.db
expect_err 'no hash set'
expect_exit 2 trowel index disk.img -o new.db --alert TEST:1
expect_err 'give --set'
expect_exit 2 trowel match missing.db --set good.tset
expect_err 'missing.db'
expect_exit 2 trowel match good.tset --set good.tset
expect_err 'not an evidence database'
expect_exit 0 trowel match case.db --set good.tset --alert TEST:1 # the same things, but right
