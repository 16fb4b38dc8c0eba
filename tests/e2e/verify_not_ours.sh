#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify, ls, info and digest refuse a file that is no evidence database in one line.
. "$(dirname "$0")/lib.sh"
printf 'not a database' >text
python3 -c 'import sqlite3; c = sqlite3.connect("foreign.db"); c.execute("CREATE TABLE t (x)"); c.commit()'
: >empty
for file in text foreign.db empty none.db; do
	for command in verify ls info digest; do
		status=0
		trowel "$command" "$file" >out 2>err || status=$?
		[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "$command $file: exit $status"
		expect_err "$file"
	done
done
[ ! -e none.db ] || fail "a database was made by looking at it"
