#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# index and match say which category of the policy no entry has; it is no error.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
row_of tree/file4.dat 1 a | make_set list.tset triage 1
row_of tree/file6.dat 2 b | make_set other.tset triage 1
note='no set has an entry of category TEST:11: '
expect_exit 0 trowel index disk.img -o case.db --set list.tset --set other.tset --alert TEST:1,11,2 -p none
expect_err "^trowel: index: $note"
expect_exit 0 trowel match case.db --set list.tset --set other.tset --alert TEST:1,11,2
expect_err "^trowel: match: $note"
expect_exit 0 trowel match case.db --set list.tset --set other.tset --alert 'TEST:1,*'
[ ! -s err ] || fail "a note: $(cat err)"
expect_exit 0 trowel index disk.img -o quiet.db --set list.tset --alert TEST:11 --quiet
[ ! -s err ] || fail "not quiet: $(cat err)"
