#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an ext4 image of N_FILES files: make_ext4.py IMAGE N_FILES [--mean BYTES [--exact]] [--seed S].

Contents and names come from the seed alone. The files are laid out in directories of 250, and mke2fs -d copies
them in, so no root is needed. The directory is removed afterwards.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

PER_DIR = 250
PIECE = 16 << 20
WHEN = 1_700_000_000  # every file's times, seconds UTC


def write(path, size, rng):
	with open(path, "wb") as f:
		while size > 0:
			f.write(rng.randbytes(min(size, PIECE)))
			size -= PIECE
	os.utime(path, (WHEN, WHEN))


def fill(top, n_files, mean, exact, rng):
	total = 0
	for i in range(n_files):
		folder = os.path.join(top, f"d{i // PER_DIR // 50:03d}", f"e{i // PER_DIR:05d}")
		if i % PER_DIR == 0:
			os.makedirs(folder)
		size = mean if exact else rng.randrange(2 * mean + 1)
		write(os.path.join(folder, f"f{i:07d}.bin"), size, rng)
		total += size
	return total


def make(image, n_files, mean, exact, seed):
	env = dict(os.environ, E2FSPROGS_FAKE_TIME=str(WHEN), LC_ALL="C")
	part = image + ".part"
	top = tempfile.mkdtemp(prefix="ext4-files-", dir=os.path.dirname(os.path.abspath(image)))
	try:
		total = fill(top, n_files, mean, exact, random.Random(seed))
		# Half a block is wasted per file on average; a tenth more for tables and the journal, whole blocks in all.
		size = (int((total + n_files * 2560) * 1.1) + (64 << 20)) // 4096 * 4096
		with open(part, "wb") as f:
			f.truncate(size)
		subprocess.run(
			["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-N", str(n_files + n_files // 50 + 1024),
			 "-U", "6a3f1c1e-0000-4000-8000-000000000001", "-L", "trowel-scale",
			 "-E", "root_owner=0:0,hash_seed=6a3f1c1e-0000-4000-8000-000000000002,lazy_itable_init=1",
			 "-d", top, part],
			check=True, env=env)
		os.replace(part, image)
	finally:
		shutil.rmtree(top, ignore_errors=True)
		if os.path.exists(part):
			os.unlink(part)
	print(f"{image}: {n_files} files, {total} bytes of content", file=sys.stderr)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("image")
	ap.add_argument("n_files", type=int)
	ap.add_argument("--mean", type=int, default=8192, help="mean file size in bytes")
	ap.add_argument("--exact", action="store_true", help="every file has the mean size")
	ap.add_argument("--seed", type=int, default=1)
	a = ap.parse_args()
	make(a.image, a.n_files, a.mean, a.exact, a.seed)


if __name__ == "__main__":
	main()
