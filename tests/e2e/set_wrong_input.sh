#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hostile and wrong lists: one clear line that names the file, no value of the list in it, and the old set is as it was.
. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import gzip, hashlib, io, json, random, sqlite3, zipfile

def write(name, data):
	with open(name, "wb") as f:
		f.write(data if isinstance(data, bytes) else data.encode())

md5 = hashlib.md5(b"x").hexdigest()
l, s = hashlib.sha256(b"x").hexdigest().upper(), hashlib.sha1(b"x").hexdigest().upper()
media = '{"@odata.context": "http://x/DataModels/2.0.xml/US/$metadata#Media", "value": [{"MD5": "%s", "MediaSize": %s}]}'
write("old.txt", md5 + "\n")
write("binary", random.Random(1).randbytes(200000))
write("empty", b"")
write("digits31", "".join(hashlib.md5(b"%d" % i).hexdigest()[:31] + "\n" for i in range(50)))
write("numbers.json", media % (md5, "9" * 400))
write("deep.json", (media % (md5, "8")).replace('"MediaSize": 8', '"x": ' + "[" * 100000))
write("cut.json", (media % (md5, "8"))[:-5])
write("list.csv", "md5,name\n" + f'{md5},"never ends\n')
write("bomb.gz", gzip.compress(bytes(300 << 20), 9, mtime=0))
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z:
	z.writestr("list.txt", bytes(300 << 20))
with zipfile.ZipFile("several.zip", "w") as z:
	z.writestr("a.txt", md5 + "\n")
	z.writestr("b.txt", md5 + "\n")
write("cut.gz", gzip.compress((md5 + "\n").encode() * 1000, mtime=0)[:40])
write("long", "a" * (3 << 20) + "\n")
write("xml", '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaaaaaaaa">' + "".join(
	f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)) + "]><queryResult>&j;</queryResult>")
db = sqlite3.connect("nsrl.db")
db.executescript("CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, crc32 VARCHAR NOT NULL,"
	"file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,"
	"PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size, package_id)); CREATE TABLE PKG (package_id INTEGER);"
	"CREATE TABLE OS (operating_system_id INTEGER); CREATE TABLE MFG (manufacturer_id INTEGER); CREATE TABLE VERSION (version VARCHAR);"
	f"INSERT INTO FILE VALUES ('{l}', '{s}', '{md5.upper()}', '0', 'a', 8, 1); INSERT INTO VERSION VALUES ('1');")
db.commit()
for name, sql in {"attach": "ATTACH 'stolen.db' AS x;", "sixth": "INSERT INTO SECRET VALUES('x');", "drop": "DROP TABLE FILE;",
		"pragma": "PRAGMA writable_schema=1;", "select": "INSERT INTO FILE SELECT * FROM FILE;", "all": "DELETE FROM FILE;",
		"open": "INSERT INTO FILE VALUES('never ends"}.items():
	write(f"{name}.sql", f"BEGIN TRANSACTION;\n{sql}\nCOMMIT;\n")
PYTHON
expect_exit 0 trowel set import -q -o old.tset old.txt
cp old.tset before.tset
value=$(cat old.txt)

# refused FILE...: the last is what is wrong.
refused() {
	for name in "$@"; do last=$name; done
	wanted_status=0
	trowel set import -q -o old.tset "$@" >out 2>err || wanted_status=$?
	case $wanted_status in
	2 | 3) ;;
	*) fail "$last: exit status $wanted_status" ;;
	esac
	grep -vE '(line|record|row|byte) [0-9]+ rejected: | more were rejected' err >lines || fail "$last: no error line"
	[ "$(wc -l <lines)" -eq 1 ] || fail "$last: $(cat err)"
	grep -q "^trowel: set import: .*$last" lines || [ "$(grep -c 'records were rejected' lines)" -eq 1 ] ||
		fail "$last is not named: $(cat lines)"
	if grep -qi "$value" err out; then fail "$last: a value of the list is shown"; fi
	cmp old.tset before.tset || fail "$last: the old set has changed"
}
for name in binary empty digits31 numbers.json deep.json cut.json list.csv bomb.gz bomb.zip several.zip cut.gz long xml; do
	refused $name
done
for name in attach sixth drop pragma select all open; do
	refused nsrl.db $name.sql
done
refused attach.sql
[ ! -e stolen.db ] || fail "SQL of a delta was executed"
for file in .[!.]* *.part; do
	[ ! -e "$file" ] || fail "$file was left behind"
done
expect_exit 0 trowel set import -q --member b.txt -o old.tset several.zip
