#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write trivial_table.h: digests that any disk has (kind.h, trw_hash_is_trivial). Sorted, so that it can be searched."""
import hashlib

KINDS = [("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64), ("sha224", 28), ("sha384", 48)]
CONTENTS = [b"", b"\n"] + [bytes([fill]) * n for fill in (0, 255) for n in [1] + [512 << i for i in range(12)]]


def rows(name, size):
	values = {hashlib.new(name, c).digest() for c in CONTENTS} | {bytes(size), b"\xff" * size}
	return sorted(values)


print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/** Written by make_trivial.py: the values of trw_hash_is_trivial, sorted. */")
print("#pragma once\n")
print("#include <stdint.h>\n")
print(f"#define N_TRIVIAL {len(CONTENTS) + 2}\n")
print("/* clang-format off */")
for name, size in KINDS:
	print(f"static const uint8_t trivial_{name}[N_TRIVIAL][{size}] = {{")
	for v in rows(name, size):
		print("\t{" + ", ".join(f"{b:#04x}" for b in v) + "},")
	print("};")
	words = [0] * 64
	for v in rows(name, size):
		first = v[0] << 4 | v[1] >> 4
		words[first >> 6] |= 1 << (first & 63)
	print(f"static const uint64_t trivial_first_{name}[64] = {{" + ", ".join(f"{w:#x}" for w in words) + "};")
print("/* clang-format on */")
