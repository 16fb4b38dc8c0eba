#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make a FAT32 image in which hardly any file lies in one piece: make_fat.py IMAGE [--size BYTES] [--seed S].

The files' clusters are dealt out by four rules, a region of the image each: one cluster a file in turn; runs of 1 to 32
clusters in turn; backwards from the region's end; and in random order. The image is written directly, since no tool
fragments on demand. Layout: Microsoft, FAT: General Overview of On-Disk Format, 1.03.
"""
import argparse
import array
import os
import random
import struct
import sys

from content import MIB, Content

SECTOR = 512
CLUSTER = 4096
RESERVED = 32  # sectors
N_FATS = 2
END = 0x0FFFFFFF
FIRST = 2  # the number of the first cluster
DATE, TIME = (2023 - 1980) << 9 | 11 << 5 | 14, 22 << 11 | 13 << 5 | 10


def deal_in_turn(rng, clusters, n_files, run_max):
	files = [[] for _ in range(n_files)]
	at = i = 0
	while at < len(clusters):
		n = rng.randint(1, run_max)
		files[i % n_files].extend(clusters[at:at + n])
		at += n
		i += 1
	return files


def deal_backwards(rng, clusters, n_files):
	n = len(clusters) // n_files
	return [list(reversed(clusters[i * n:(i + 1) * n])) for i in range(n_files)]


def deal_at_random(rng, clusters, n_files):
	mixed = list(clusters)
	rng.shuffle(mixed)
	n = len(mixed) // n_files
	return [mixed[i * n:(i + 1) * n] for i in range(n_files)]


def deal(rng, first, n):
	"""(name, its clusters in file order) of every file, n clusters from first on."""
	rules = (("TURN", 0.40, lambda c: deal_in_turn(rng, c, 120, 1)),
		("RUNS", 0.40, lambda c: deal_in_turn(rng, c, 80, 32)),
		("BACK", 0.12, lambda c: deal_backwards(rng, c, 40)),
		("MIX", 0.08, lambda c: deal_at_random(rng, c, 20)))
	files = []
	for name, share, rule in rules:
		k = int(n * share)
		files += [(f"{name}{i:04d}", chain) for i, chain in enumerate(rule(range(first, first + k)))]
		first += k
	return files


def entry(name, suffix, attributes, cluster, size):
	return struct.pack("<8s3sBBBHHHHHHHI", name.encode(), suffix.encode().ljust(3), attributes, 0, 0, TIME, DATE, DATE,
		cluster >> 16, TIME, DATE, cluster & 0xFFFF, size)


def boot_sector(n_sectors, fat_sectors):
	b = bytearray(SECTOR)
	struct.pack_into("<3s8sHBHBHHBHHHII", b, 0, b"\xeb\x58\x90", b"MSWIN4.1", SECTOR, CLUSTER // SECTOR, RESERVED, N_FATS,
		0, 0, 0xF8, 0, 63, 16, 0, n_sectors)
	struct.pack_into("<IHHIHH12xBBBI11s8s", b, 36, fat_sectors, 0, 0, FIRST, 1, 6, 0x80, 0, 0x29, 0x12345678, b"BENCH      ",
		b"FAT32   ")
	b[510:] = b"\x55\xaa"
	return bytes(b)


def info_sector(n_free):
	b = bytearray(SECTOR)
	struct.pack_into("<I", b, 0, 0x41615252)
	struct.pack_into("<III", b, 484, 0x61417272, n_free, 0xFFFFFFFF)  # where to look next: not known
	struct.pack_into("<I", b, 508, 0xAA550000)
	return bytes(b)


def write_tables(f, fat, n_sectors, n_free):
	raw = fat.tobytes()
	for at in (0, 6 * SECTOR):
		f.seek(at)
		f.write(boot_sector(n_sectors, len(raw) // SECTOR) + info_sector(n_free))
	f.seek(RESERVED * SECTOR)
	f.write(raw * N_FATS)


def write_content(f, content, n_clusters):
	"""Whose cluster it is says the FAT: here it is just bytes, some text, some not."""
	left = n_clusters * CLUSTER
	while left > 0:
		for piece in content.pieces(content.rng.choice(("text", "random", "program")), min(left, 8 * MIB)):
			f.write(piece)
			left -= len(piece)


def make(image, size, seed):
	rng = random.Random(seed)
	n_sectors = size // SECTOR
	fat_sectors = -(-(size // CLUSTER + FIRST) * 4 // SECTOR)
	n_clusters = (n_sectors - RESERVED - N_FATS * fat_sectors) // (CLUSTER // SECTOR)
	n_root = 4  # clusters of the root directory: 512 names
	files = deal(rng, FIRST + n_root, n_clusters * 9 // 10)
	fat = array.array("I", bytes(fat_sectors * SECTOR))
	fat[0], fat[1] = 0x0FFFFFF8, END
	root = [entry("BENCH   ", "", 0x08, 0, 0)]
	for name, chain in [("", range(FIRST, FIRST + n_root)), *files]:
		for here, following in zip(chain, [*chain[1:], END]):
			fat[here] = following
		if name:
			root.append(entry(name.ljust(8), "BIN", 0x20, chain[0], len(chain) * CLUSTER - rng.randrange(CLUSTER)))
	part = image + ".part"
	with open(part, "wb") as f:
		used = sum(len(chain) for _, chain in files)
		write_tables(f, fat, n_sectors, n_clusters - used - n_root)
		f.write(b"".join(root).ljust(n_root * CLUSTER, b"\0"))
		write_content(f, Content(seed), used)
		f.truncate(size)
	os.replace(part, image)
	print(f"{len(files)} files, {used * CLUSTER} bytes", file=sys.stderr)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("image")
	ap.add_argument("--size", type=int, default=1536 * MIB, help="bytes of the image")
	ap.add_argument("--seed", type=int, default=1)
	a = ap.parse_args()
	make(a.image, a.size, a.seed)


if __name__ == "__main__":
	main()
