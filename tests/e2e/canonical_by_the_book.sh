#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What trowel-db(5) says about the canonical digest, the audit chain and content_id is enough to compute them.
. "$SOURCE/tests/e2e/lib.sh"
. "$SOURCE/tests/e2e/lib_set.sh"
make_large disk.img
expect_exit 0 "$TROWEL" index disk.img -o case.db
sql case.db "SELECT md5 || ',,' || sha256 || ',,1,' FROM report_files WHERE file_id % 7 = 0 AND md5 IS NOT NULL" |
	make_set list.tset triage 1
expect_exit 0 "$TROWEL" match case.db --set list.tset --alert TEST:1
"$TROWEL" digest case.db >said || fail "no digest"
python3 - "$SOURCE/man/trowel-db.5" case.db said <<'PYTHON' || fail "not by the book"
import hashlib, re, sqlite3, struct, sys

page, path, said = open(sys.argv[1]).read(), sys.argv[2], open(sys.argv[3]).read()
con = sqlite3.connect(path)


def sections(text):
	"""(name, SQL) of the first list in text."""
	items = text.split(".Bl ", 1)[1].split(".El", 1)[0].split(".It ")[1:]
	return [(x.split("\n", 1)[0].strip(), " ".join(x.split("\n")[1:]).strip()) for x in items]


def value(v):
	if v is None:
		return b"N"
	if isinstance(v, int):
		return b"I" + struct.pack("<q", v)
	b = v.encode() if isinstance(v, str) else v
	return (b"T" if isinstance(v, str) else b"B") + struct.pack("<q", len(b)) + b


def row(values):
	return b"R" + b"".join(map(value, values))


def sha256(rows):
	return hashlib.sha256(b"".join(map(row, rows))).digest()


def section(name, sql):
	rows = con.execute(sql).fetchall()
	if name not in ("file", "extent", "content"):
		return sha256(rows)
	slices = {}
	for r in rows:
		slices.setdefault(r[0] // 16384, []).append(r)
	return sha256([(n, sha256(slices[n])) for n in sorted(slices)])


def whole(kind, text, words):
	each = [(name, section(name, sql)) for name, sql in sections(text)]
	for name, digest in each:
		assert words[f"{kind}.{name}"] == digest.hex(), (kind, name)
	digest = sha256(each)
	assert words[kind] == digest.hex(), kind
	return digest


detail, = con.execute("SELECT detail FROM audit WHERE action = 'match end'").fetchone()
words = dict(w.split("=", 1) for w in detail.split())
text = page.split(".Sh CANONICAL DIGEST", 1)[1]
assert whole("canonical", text, words).hex() in said, said
whole("record", text.split("record digest", 1)[1], words)

prev = bytes(32)
for seq, at_ns, action, d, p, h in con.execute("SELECT seq, at_ns, action, detail, prev, hash FROM audit ORDER BY seq"):
	assert p == prev and h == sha256([(prev, seq, at_ns, action, d)]), seq
	prev = h
n = 0
for content_id, digest in con.execute("SELECT content_id, sha256 FROM content WHERE state = 0"):
	assert content_id == (int.from_bytes(digest[:8], "little") & (1 << 62) - 1 or 1)
	n += 1
assert n > 0
PYTHON
