#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists in SQLite databases: one whose log or journal has a part of it is refused; a delta is done to the database before it.
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

# A page that is short of a row still looks right: the database as a whole does not.
python3 - <<'PYTHON'
import sqlite3, struct
db = sqlite3.connect("log.kdb")
root, = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'hashes'").fetchone()
size, = db.execute("PRAGMA page_size").fetchone()
with open("log.kdb", "rb") as f:
	data = bytearray(f.read())
at = (root - 1) * size + 3
struct.pack_into(">H", data, at, struct.unpack_from(">H", data, at)[0] - 1)
with open("short.kdb", "wb") as f:
	f.write(data)
PYTHON
expect_exit 3 trowel set import -o short.tset short.kdb
expect_err 'short.kdb: damaged database'

# A delta as sqldiff writes it: control characters of names are joined to them.
python3 - <<'PYTHON'
import hashlib, sqlite3

def row(i, name):
	return [h(b"%d" % i).hexdigest().upper() for h in (hashlib.sha256, hashlib.sha1, hashlib.md5)] + ["0", name, 8, 1]

db = sqlite3.connect("base.db")
db.executescript("CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, crc32 VARCHAR NOT NULL,"
	"file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,"
	"PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size, package_id)); CREATE TABLE PKG (package_id INTEGER);"
	"CREATE TABLE VERSION (version VARCHAR); INSERT INTO VERSION VALUES ('1');")
db.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?, ?)", (row(i, "it's\ta\r\nname") for i in (1, 2)))
db.commit()
name = "'it''s'||X'09'\n||'a'||X'0d0a'\n||'name'"
keys = ("sha256", "sha1", "md5", "crc32")
with open("delta.sql", "w") as f:
	f.write("BEGIN TRANSACTION;\nUPDATE VERSION SET version='2' WHERE version='1';\n")
	f.write("DELETE FROM FILE WHERE " + " AND ".join(f"{k}='{v}'" for k, v in zip(keys, row(1, ""))) + f" AND file_name={name};\n")
	f.write("INSERT INTO FILE VALUES(" + ",".join(f"'{v}'" for v in row(3, "")[:4]) + f",{name},8,1);\n")
	f.write("INSERT INTO PKG VALUES('ends in'||X'0a');\nCOMMIT;\n")
PYTHON
expect_exit 0 trowel set import -o delta.tset base.db delta.sql
grep -q 'delta.tset: triage, 2 entries' out || fail "$(cat out)"
expect_exit 0 trowel set lookup -s delta.tset "$(printf 1 | md5sum | cut -c1-32)" "$(printf 3 | md5sum | cut -c1-32)"
[ "$(sed -n 1p out | cut -f2)" = - ] || fail "what the delta deletes is still there"
[ "$(sed -n 2p out | cut -f2)" = delta.tset ] || fail "what the delta adds is not there"

# The next delta belongs to the same release, not to what the one before it has made.
expect_exit 2 trowel set import -o twice.tset base.db delta.sql delta.sql
expect_err 'delta.sql: a delta changes the NSRL database right before it'
