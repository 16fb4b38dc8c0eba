#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_record: one honest payload of each record, behind the letter that picks its decoder."""
import struct
import sys
from pathlib import Path


def number(v):
    out = bytearray()
    while v >= 0x80:
        out.append(v & 0x7F | 0x80)
        v >>= 7
    out.append(v)
    return bytes(out)


def numbers(*vs):
    return b"".join(map(number, vs))


def text(s):
    return number(len(s)) + s


WHERE = numbers(1 << 20, 1 << 30, 0, 1)
TIMES = struct.pack("<4q", -(1 << 63), 0, 1331585398633000000, -1)
FACTS = numbers(42, 3, 128, 1, 1, 1, 17, 8192) + TIMES + numbers(0o644, 1, 1000, 1000)
EXTENTS = numbers(3, 0, 4096, 2 << 20, 1, 4096, 0, 512, 7)

SEEDS = {
    "walk": b"w" + WHERE + numbers(7, 10**7, 10**6, 256, 0, 1, 2, 42, 5, 43, 4),
    "read": b"r" + WHERE + numbers(42, 128, 1, 8192),
    "volume": b"v" + numbers(2, 1, 1, 512, 1 << 20, 1 << 21, 0, 1, 0, 1)
    + text(b"GPT") + text(b"Basic data") + text(b"NTFS"),
    "filesystem": b"s" + number(1) + text(b"NTFS") + text(b"label") + text(b"")
    + numbers(512, 1 << 20, 4096, 256),
    "file": b"f" + numbers(9, 4) + text(b"/a/b") + text(b"b") + text(b"") + text(b"")
    + FACTS + number(1) + text(b"") + EXTENTS,
    "inline": b"f" + numbers(9, 0) + text(b"/c") + text(b"c") + text(b"ads") + text(b"/t")
    + FACTS + number(2) + text(b"hello") + number(0),
    "problem": b"p" + numbers(42, 1, 0, 512, 10) + text(b"runs-too-short")
    + text(b"/a") + text(b"the run list ends early"),
    "blocks": b"b" + numbers(0, 4096, 1, 4096, 8192, 2),
    "done": b"d" + numbers(10, 12, 2, 0, 1),
}

for name, seed in SEEDS.items():
    (Path(sys.argv[1]) / name).write_bytes(seed)
