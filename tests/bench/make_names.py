#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an ext4 image of empty files: make_names.py IMAGE N_DIRECTORIES NAMES_EACH.

mke2fs -d and debugfs pass over the whole directory for each name that they add, which makes one of 500,000 a matter of
hours. So a single large directory is made of small ones: their blocks become those of one file, the file becomes a
directory, the small ones are erased, and e2fsck -D puts the books in order and the names in a hash tree.
"""
import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile

BLOCK = 4096
WHEN = 1_700_000_000  # every file's times, seconds UTC
UUID = "6a3f1c1e-0000-4000-8000-000000000003"
EACH = 500  # names in a small directory
ROOT = 2  # its inode


def debugfs(image, commands):
	"""The output of commands, each preceded by a line "debugfs: COMMAND"."""
	with tempfile.NamedTemporaryFile("w", suffix=".cmd") as f:
		f.write("\n".join(commands) + "\n")
		f.flush()
		return subprocess.run(["debugfs", "-w", "-f", f.name, image], check=True, stdout=subprocess.PIPE,
			stderr=subprocess.DEVNULL, text=True).stdout


def blocks_of(image, paths):
	"""The block numbers of each path, in file order."""
	lines = debugfs(image, [f"blocks {p}" for p in paths]).splitlines()
	return [[int(b) for b in line.split()] for line in lines if not line.startswith("debugfs:")]


def inodes_of(image, folder):
	fields = [line.split("/") for line in debugfs(image, [f"ls -p {folder}"]).splitlines() if line.startswith("/")]
	return {f[5]: int(f[1]) for f in fields}


def start_directory(block, inode, parent):
	"""The entries "." and ".." that begin a directory; for no inode they are marked as free."""
	b = bytearray(block)
	struct.pack_into("<I", b, 0, inode)
	struct.pack_into("<I", b, 12, parent)
	return bytes(b)


def join(image, folders):
	"""Make /one, a file of as many blocks as all of folders have, the directory that holds their names."""
	inodes = inodes_of(image, "/")
	target, *sources = blocks_of(image, ["/one", *(f"/{name}" for name in folders)])
	assert sum(map(len, sources)) == len(target)
	at = iter(target)
	with open(image, "r+b") as f:
		for i, source in enumerate(sources):
			for j, number in enumerate(source):
				f.seek(number * BLOCK)
				block = f.read(BLOCK)
				if j == 0:
					block = start_directory(block, *((inodes["one"], ROOT) if i == 0 else (0, 0)))
				f.seek(next(at) * BLOCK)
				f.write(block)
	debugfs(image, ["sif /one mode 040755", *(f"clri <{inodes[name]}>" for name in folders)])
	done = subprocess.run(["e2fsck", "-fyD", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	if done.returncode != 1:
		sys.exit(f"make_names: e2fsck: exit {done.returncode}")


def fill(top, n_directories, names_each):
	folders = []
	for i in range(n_directories * names_each):
		if i % names_each == 0:
			folders.append(f"d{i // names_each:05d}")
			os.mkdir(os.path.join(top, folders[-1]))
		path = os.path.join(top, folders[-1], f"file-{i:07d}.txt")
		os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
		os.utime(path, (WHEN, WHEN))
	return folders


def format_with(image, top, n_names):
	with open(image, "wb") as f:
		f.truncate((n_names * 400 + (64 << 20)) // BLOCK * BLOCK)
	# Without checksums in the metadata: join would have to renew them.
	subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^metadata_csum", "-b", str(BLOCK),
		"-N", str(n_names + n_names // 50 + 1024), "-U", UUID, "-L", "bench-names",
		"-E", f"root_owner=0:0,hash_seed={UUID},lazy_itable_init=1", "-d", top, image], check=True)


def make(image, n_directories, names_each):
	os.environ.update(E2FSPROGS_FAKE_TIME=str(WHEN), LC_ALL="C")
	n_names = n_directories * names_each
	part = image + ".part"
	top = tempfile.mkdtemp(prefix="names-", dir=os.path.dirname(os.path.abspath(image)))
	try:
		if names_each <= EACH:
			fill(top, n_directories, names_each)
			format_with(part, top, n_names)
		else:
			folders = fill(top, n_names // EACH, EACH)
			format_with(part, top, n_names)
			n_blocks = sum(map(len, blocks_of(part, [f"/{name}" for name in folders])))
			with open(os.path.join(top, "one"), "wb") as f:
				f.write(b"." * n_blocks * BLOCK)
			format_with(part, top, n_names)
			join(part, folders)
		os.replace(part, image)
	finally:
		shutil.rmtree(top, ignore_errors=True)
		if os.path.exists(part):
			os.unlink(part)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("image")
	ap.add_argument("n_directories", type=int, help=f"1, or any number with at most {EACH} names each")
	ap.add_argument("names_each", type=int)
	a = ap.parse_args()
	if a.names_each > EACH and (a.n_directories != 1 or a.names_each % EACH != 0):
		ap.error(f"more than {EACH} names fit only one directory, in steps of {EACH}")
	make(a.image, a.n_directories, a.names_each)


if __name__ == "__main__":
	main()
