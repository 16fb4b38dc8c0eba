#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an NTFS image like a small user's disk: make_ntfs.py IMAGE [--size BYTES] [--files BYTES] [--seed S].

Contents, names and sizes come from the seed alone; times of creation and the like come from ntfs-3g, through which the
files are written. That needs /dev/fuse. One file in twenty is deleted again before the last fifth is written, so that
records and clusters are used anew, and the large files are written in turns, so that they lie in fragments.
"""
import argparse
import os
import subprocess
import sys
import tempfile

from content import MIB, Content
from mount import mounted

WHEN = 1_700_000_000  # every file's times, seconds UTC
PER_DIR = 60
SMALL_MAX = 4 * MIB
LARGE_MIB = (300, 200, 150, 120, 100, 60, 60, 40, 40, 30, 20, 20)  # a tenth of a disk or so each
SHARE_LARGE = 0.38  # of the bytes
TURN = 4 * MIB  # how much of a large file is written before it is the next one's turn
KINDS = (("docx", "random"), ("jpg", "random"), ("txt", "text"), ("xml", "text"), ("log", "text"), ("dll", "program"),
	("exe", "program"), ("zip", "random"), ("dat", "program"), ("db", "text"))
FOLDERS = ("Users/anna/Documents", "Users/anna/Pictures", "Users/anna/AppData/Local/Temp", "Windows/System32",
	"Windows/WinSxS", "Program Files/Common Files", "ProgramData/Cache")


def small_files(content, total):
	"""Yield (path, kind, size), of which a tenth is so small that it stays in the file's record."""
	rng, done, i = content.rng, 0, 0
	while done < total:
		size = min(int(rng.lognormvariate(9.2, 1.9)), SMALL_MAX)
		suffix, kind = rng.choice(KINDS)
		folder = f"{FOLDERS[i // PER_DIR % len(FOLDERS)]}/{i // PER_DIR:04d}"
		yield f"{folder}/{i:06d} {'file' * rng.randrange(4)}.{suffix}", kind, size
		done += size
		i += 1


def write_small(top, path, kind, size, content):
	full = os.path.join(top, path)
	os.makedirs(os.path.dirname(full), exist_ok=True)
	with open(full, "wb") as f:
		f.writelines(content.pieces(kind, size))
	if content.rng.randrange(12) == 0:
		with open(full + ":Zone.Identifier", "wb") as f:
			f.write(b"[ZoneTransfer]\r\nZoneId=3\r\n")
	os.utime(full, (WHEN, WHEN))


def write_large(top, sizes, content):
	"""All of sizes in turns, so that each lies in fragments of TURN."""
	os.makedirs(os.path.join(top, "Videos"), exist_ok=True)
	open_files = []
	for i, size in enumerate(sizes):
		kind = ("random", "text", "random", "program", "zeros")[i % 5]
		path = os.path.join(top, "Videos", f"large{i:02d}.{kind}")
		open_files.append((open(path, "wb", buffering=TURN), content.pieces(kind, size), path))
	while open_files:
		for item in list(open_files):
			f, pieces, path = item
			n = 0
			for piece in pieces:
				f.write(piece)
				n += len(piece)
				if n >= TURN:
					break
			f.flush()
			if n < TURN:
				f.close()
				os.utime(path, (WHEN, WHEN))
				open_files.remove(item)


def fill(top, total, content):
	large = int(total * SHARE_LARGE)
	scale = large / sum(LARGE_MIB)
	small = list(small_files(content, total - large))
	last_fifth = len(small) * 4 // 5
	for path, kind, size in small[:last_fifth]:
		write_small(top, path, kind, size, content)
	for path, _, _ in small[:last_fifth:20]:
		os.unlink(os.path.join(top, path))
	write_large(top, [int(m * scale) for m in LARGE_MIB], content)
	for path, kind, size in small[last_fifth:]:
		write_small(top, path, kind, size, content)
	print(f"{len(small)} small files, {len(LARGE_MIB)} large ones", file=sys.stderr)


def make(image, size, total, seed):
	part = image + ".part"
	try:
		with open(part, "wb") as f:
			f.truncate(size)
		# The geometry keeps mkntfs from asking the device for it; -F: the image is no block device.
		subprocess.run(["mkntfs", "-q", "-F", "-Q", "-L", "bench", "-s", "512", "-p", "0", "-H", "16", "-S", "63", part],
			check=True, stderr=subprocess.DEVNULL)
		with tempfile.TemporaryDirectory() as tmp:
			with mounted(["ntfs-3g", "-o", "streams_interface=windows,big_writes", part], os.path.join(tmp, "ntfs")) as m:
				fill(m.path, total, Content(seed))
		os.replace(part, image)
	finally:
		if os.path.exists(part):
			os.unlink(part)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("image")
	ap.add_argument("--size", type=int, default=4096 * MIB, help="bytes of the image")
	ap.add_argument("--files", type=int, default=3000 * MIB, help="bytes of the files")
	ap.add_argument("--seed", type=int, default=1)
	a = ap.parse_args()
	make(a.image, a.size, a.files, a.seed)


if __name__ == "__main__":
	main()
