#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A database is its owner's alone, as is its journal, and is never one of the images or sets of the call.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
umask 000
trowel index -q disk.img -o case.db || [ $? -eq 1 ]
[ "$(stat -c %a case.db)" = 600 ] || fail "mode $(stat -c %a case.db)"
before=$(digest_of sha256sum case.db)
ln case.db hard.db
for option in --add --resume; do
	expect_exit 2 trowel index hard.db -o case.db "$option"
	expect_err 'case.db: is the input hard.db, and never replaced'
	expect_exit 2 trowel index disk.img -s hard.db -o case.db "$option"
	expect_err 'case.db: is the input hard.db'
done
[ "$(digest_of sha256sum case.db)" = "$before" ] || fail "the database was changed"
expect_exit 2 trowel index disk.img -o -
expect_err 'standard output'
expect_exit 2 trowel index disk.img -o case.db-journal
expect_err 'case.db-journal: '
[ ! -e case.db-journal ] || fail "it was made"
# The journal, while a run writes.
strace -f -e trace=openat -o trace "$TROWEL" index -q disk.img -o traced.db >out 2>err || [ $? -eq 1 ] || skip "strace does not work here"
grep -q 'traced.db-journal", [^)]*O_CREAT[^)]*, 0600' trace || fail "mode of the journal: $(grep journal trace)"
