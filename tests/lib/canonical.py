#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The canonical digest of an evidence database by trowel-db(5) alone.

canonical.py DATABASE [TABLE.COLUMN...] prints it as it would be without these columns: what a later schema has
added to an earlier one is left out that way, and the digests of both can be compared.
"""
import hashlib
import os
import re
import sqlite3
import struct
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/trowel-db.5")


def book():
	"""The text of the man page from the canonical digest on."""
	with open(PAGE) as f:
		return f.read().split(".Sh CANONICAL DIGEST", 1)[1]


def sections(text, without=()):
	"""(name, SQL) of the first list in text."""
	items = text.split(".Bl ", 1)[1].split(".El", 1)[0].split(".It ")[1:]
	for item in items:
		name, sql = item.split("\n", 1)
		sql = " ".join(sql.split())
		for column in (c.split(".")[1] for c in without if c.split(".")[0] == name.strip()):
			sql, n = re.subn(rf",? {column}(?=[, ])", "", sql, count=1)
			assert n == 1, column
		yield name.strip(), sql


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


def section(con, name, sql):
	rows = con.execute(sql).fetchall()
	if name not in ("file", "extent", "content"):
		return sha256(rows)
	slices = {}
	for r in rows:
		slices.setdefault(r[0] // 16384, []).append(r)
	return sha256([(n, sha256(slices[n])) for n in sorted(slices)])


def whole(con, text, without=()):
	"""The digest of all sections of the first list in text, and that of each."""
	each = [(name, section(con, name, sql)) for name, sql in sections(text, without)]
	return sha256(each), each


if __name__ == "__main__":
	database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
	print(whole(database, book(), sys.argv[2:])[0].hex())
