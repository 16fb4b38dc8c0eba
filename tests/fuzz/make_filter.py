#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_filter: a Bloom filter that holds one text, with trailer, cut, and with sizes that lie."""
import math
import struct
import sys
from pathlib import Path

MODULUS, GENERATOR, WORD = 18446744073709551557, 18446744073709550147, (1 << 64) - 1


def bits(text, k, m):
    h = 0xCBF29CE484222325
    for c in text:
        h = (h * 0x100000001B3 & WORD) ^ c
    h %= MODULUS
    for _ in range(k):
        h = (h * GENERATOR & WORD) % MODULUS
        yield h % m


def header(n, p, k, m):
    return struct.pack("<QQdQQQ", 1, n, p, k, m, 1)


def make(n, p):
    m = abs(math.ceil(n * math.log(p) / math.log(2) ** 2))
    k = math.ceil(math.log(2) * m / n)
    words = bytearray((m + 63) // 64 * 8)
    for bit in bits(b"F31705A7A29A9DCFCC217C7F0EDE9A810BA9550B", k, m):
        words[bit // 8] |= 1 << bit % 8
    return header(n, p, k, m) + bytes(words)


PLAIN = make(20, 0.01)
SEEDS = {
    "plain": PLAIN,
    "trailer": PLAIN + b"made-up trailer",
    "cut": PLAIN[:-1],
    "long": header(20, 0.01, 7, WORD) + bytes(64),
    "many": header(20, 0.01, 256, 64) + b"\xff" * 8,
    "later": struct.pack("<Q", 2) + PLAIN[8:],
}

for name, seed in SEEDS.items():
    Path(sys.argv[1], name).write_bytes(seed)
