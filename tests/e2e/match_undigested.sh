#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Streams without digests can't be looked up, and match says how many there are: it must not look as if they were clean.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_tree
truncate -s 1M tree/hole.dat
printf x >>tree/hole.dat
make_ext4 disk.img
row_of tree/hole.dat 1 hole | make_set list.tset triage 1
expect_exit 1 trowel index disk.img -o case.db --max-sparse 4K
expect_sql none case.db "SELECT digest_state FROM report_files WHERE path = '/hole.dat'"
expect_exit 0 trowel match case.db --set list.tset
grep -q '0 matches .* in 8 contents; 1 streams have no digests: never looked up$' out || fail "not said: $(cat out)"
