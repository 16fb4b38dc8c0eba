#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A list in a SQLite database whose log or journal has a part of it is refused: what is in the file alone is not the list.
. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import hashlib, shutil, sqlite3

def md5(i):
	return (hashlib.md5(b"%d" % i).digest(),)

def kdb(name):
	db = sqlite3.connect(name, isolation_level=None)
	db.executescript("CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);"
		"CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20),"
		"sha2_256 BINARY(32)); PRAGMA cache_size = 1;")
	return db

def copy(name, to, suffix):
	shutil.copy(name, to)
	shutil.copy(name + suffix, to + suffix)

db = kdb("log")
db.execute("INSERT INTO hashes (md5) VALUES (?)", md5(0))
db.execute("PRAGMA journal_mode = WAL")
db.execute("INSERT INTO hashes (md5) VALUES (?)", md5(1))
copy("log", "log.kdb", "-wal")
db.close()
db = kdb("half")
db.execute("INSERT INTO hashes (md5) VALUES (?)", md5(0))
db.execute("BEGIN")
db.executemany("INSERT INTO hashes (md5) VALUES (?)", (md5(i) for i in range(1, 5000)))
copy("half", "half.kdb", "-journal")
db.close()
PYTHON
expect_exit 3 trowel set import -o log.tset log.kdb
expect_err 'log.kdb-wal'
expect_exit 3 trowel set import -o half.tset half.kdb
expect_err 'half.kdb-journal'
[ ! -e log.tset ] || fail "a part of a list became a set"
[ ! -e half.tset ] || fail "a part of a list became a set"

# Joined, they are a list; so is one whose journal has been done with.
python3 -c 'import sqlite3
for name in ("log.kdb", "half.kdb"): sqlite3.connect(name).execute("SELECT count(*) FROM hashes").fetchone()'
head -c 512 /dev/zero >half.kdb-journal
expect_exit 0 trowel set import -o log.tset log.kdb
grep -q 'log.tset: triage, 2 entries' out || fail "$(cat out)"
expect_exit 0 trowel set import -o half.tset half.kdb
grep -q 'half.tset: triage, 1 entries' out || fail "$(cat out)"
