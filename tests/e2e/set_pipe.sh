#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists through pipes: standard input and a named one, text, packed and a database; nothing is no list.
. "$(dirname "$0")/lib.sh"
printf 'sample-1' | md5sum | cut -c 1-32 >list.txt
python3 - <<'PYTHON'
import sqlite3
db = sqlite3.connect("list.kdb")
db.executescript("CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);"
	"CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 BINARY(32));")
db.execute("INSERT INTO hashes (md5) VALUES (?)", (bytes.fromhex(open("list.txt").read().strip()),))
db.commit()
PYTHON
expect_exit 0 trowel set import -q -o file.tset list.txt
same() {
	expect_exit 0 trowel set diff file.tset pipe.tset
	grep -q '^1 same, 0 removed' out || fail "$(cat out)"
}
gzip -c list.txt >list.gz
for name in list.txt list.gz list.kdb; do
	cat $name >piped
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat piped | "$TROWEL" set import -o pipe.tset - >out 2>err || fail "$name: $(cat err)"
	same
done
expect_exit 0 trowel set info pipe.tset
grep -q 'name *standard input' out || fail "$(cat out)"
expect_exit 0 trowel set import -q -o pipe.tset - <list.txt
same

# Whoever opens the pipe first waits for the other.
mkfifo fifo
cat list.txt >fifo &
expect_exit 0 trowel set import -q -o pipe.tset fifo
same
wait
"$TROWEL" set import -q -o pipe.tset fifo >out 2>err &
cat list.txt >fifo
wait "$!" || fail "$(cat err)"
same

cp pipe.tset before.tset
: | expect_exit 3 trowel set import -q -o pipe.tset -
expect_err 'nothing came through the pipe'
expect_exit 2 trowel set import -q -o pipe.tset - </dev/null
cmp pipe.tset before.tset
