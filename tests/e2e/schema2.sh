#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A database of schema 2 is read, verified and matched by its own tables, views and digest; no run writes to it. schema2.sql is
# one of the demo's image, as the last version with that schema left it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
digest=527f2c65098f1b458c533a8c8b4623cc1b37ed195b185d5a6d43ec819a6dad08
image=$FIXTURES/demo.dd
sqlite3 -batch old.db <"$(dirname "$0")/schema2.sql"
expect_exit 0 trowel verify old.db
expect_exit 0 trowel digest old.db
grep -q "$digest" out || fail "another digest than then"
expect_exit 0 trowel info old.db
expect_exit 0 trowel ls old.db
grep -q /documents/letter.txt out || fail "its files are not listed"
expect_exit 0 trowel cat old.db 4 --image "$image"
echo 'Meet me at the old lock at nine.' | cmp - out || fail "other bytes"

for how in --add --resume; do
	expect_exit 2 trowel index "$image" -o old.db "$how"
	expect_err 'old.db'
done
expect_exit 2 trowel index "$image" -o old.db --add
expect_err 'schema 2'
expect_exit 0 trowel digest old.db
grep -q "$digest" out || fail "a refused run has changed it"

# The same image gives the same rows today: the digest differs by the columns that are new.
expect_exit 0 trowel set import "$SOURCE/fixtures/demo.md5" -o demo.tset --name demo
expect_exit 0 trowel index "$image" -o new.db --set demo.tset
python3 "$SOURCE/tests/lib/canonical.py" new.db filesystem.family file.attr_flags >out
grep -q "$digest" out || fail "the columns of schema 2 have other values today"

expect_exit 0 trowel match old.db --set demo.tset
expect_exit 0 trowel verify old.db
