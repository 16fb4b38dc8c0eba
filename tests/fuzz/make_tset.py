# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_tset: small compiled sets, written by the book (trowel-tset(5)). make_tset.py DIR"""
import hashlib
import os
import struct
import sys

SIZES = [16, 20, 32, 64, 28, 48, 32, 16]
ALIGN = 4096
NONE = 0xFFFF


def index(digests):
	"""Lines over sorted digests."""
	n = -(-len(digests) // 9)
	buckets = [[] for _ in range(n)]
	for position, d in enumerate(digests):
		top = int.from_bytes(d[:8], "big") * n
		tag = min(top >> 32 & 0xFFFFFFFF, 0xFFFFFFFE)
		buckets[top >> 64].append(tag)
	out, position = b"", 0
	for bucket in [*buckets, []]:
		out += struct.pack("<I", position) + b"".join(struct.pack("<I", t) for t in (bucket + [0xFFFFFFFF] * 15)[:15])
		position += len(bucket)
	return n, out


def make(kinds, count, categories=1, extras=False):
	rows = []
	for i in range(count):
		rows.append({k: hashlib.shake_128(b"%d-%d" % (i, k)).digest(SIZES[k]) for k in kinds})
	primary = kinds[0]
	rows.sort(key=lambda r: r[primary])
	at, width = [NONE] * 8, 0
	for k in sorted(kinds):
		at[k] = width
		width += SIZES[k]
	profile_at = width if categories > 1 else NONE
	width += 2 if categories > 1 else 0
	extra_at = width if extras else NONE
	width += 8 if extras else 0
	blob = struct.pack("<I", 12) + b"\4\0name\2\0\0\0ab" if extras else b""
	table = b""
	for i, r in enumerate(rows):
		table += b"".join(r[k] for k in sorted(kinds))
		table += struct.pack("<H", i % categories) if categories > 1 else b""
		table += struct.pack("<Q", 4 + i * len(blob)) if extras else b""
	texts = b"".join(struct.pack("<I", 1) + b"S" + struct.pack("<I", 1) + b"%c" % (65 + i) for i in range(categories))
	sections = [table, texts, struct.pack("<I", 2) + b"id" + struct.pack("<I", 1) + b"x",
		bytes(4) + blob * count if extras else b""]
	lines, orders, n_lines = [b""] * 8, [b""] * 8, [0] * 8
	for k in kinds:
		order = sorted(range(count), key=lambda i: rows[i][k])
		n_lines[k], lines[k] = index([rows[i][k] for i in order])
		if k != primary:
			orders[k] = b"".join(struct.pack("<I", i) for i in order)
	body, places = b"", b""
	for s in [*sections, *lines, *orders]:
		if s:
			body += bytes(-len(body) % ALIGN)
			places += struct.pack("<QQ", 4096 + len(body), len(s)) + bytes(16) + hashlib.sha256(s).digest()
			body += s
		else:
			places += bytes(64)
	head = b"\x8aTSET\r\n\x1a" + struct.pack("<IIQQIIIII", 1, 4096, 4096 + len(body), count, width,
		sum(1 << k for k in kinds), primary, 1, categories)
	head += struct.pack("<8H", *at) + struct.pack("<4H", NONE, profile_at, NONE, extra_at)
	head += struct.pack("<8Q", *[count if k in kinds else 0 for k in range(8)]) + struct.pack("<8Q", *n_lines) + places
	head = head.ljust(4064, b"\0")
	return head + hashlib.sha256(head).digest() + body


for number, arguments in enumerate((([0], 5), ([1], 60), ([2, 0, 1], 40), ([0, 2], 20, 3, True), ([7], 3), ([3, 6], 12, 2))):
	with open(os.path.join(sys.argv[1], f"set-{number}"), "wb") as f:
		f.write(make(*arguments))
