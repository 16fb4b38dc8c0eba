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
python3 - "$SOURCE/tests/lib" case.db said <<'PYTHON' || fail "not by the book"
import sqlite3, sys

sys.path.insert(0, sys.argv[1])
from canonical import book, sha256, whole

con, said = sqlite3.connect(sys.argv[2]), open(sys.argv[3]).read()
detail, = con.execute("SELECT detail FROM audit WHERE action = 'match end'").fetchone()
words = dict(w.split("=", 1) for w in detail.split())
for kind, text in ("canonical", book()), ("record", book().split("record digest", 1)[1]):
	digest, each = whole(con, text)
	assert words[kind] == digest.hex(), kind
	for name, one in each:
		assert words[f"{kind}.{name}"] == one.hex(), (kind, name)
assert words["canonical"] in said, said

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
