# SPDX-License-Identifier: Apache-2.0
"""Small images with known content, made on the spot by the ordinary tools of each file system. No mounts."""
import glob
import os
import random
import shutil
import struct
import subprocess

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
ENV = dict(os.environ, E2FSPROGS_FAKE_TIME="1700000000", SOURCE_DATE_EPOCH="1700000000", LC_ALL="C.UTF-8")
UUID = "6a3f1c1e-0000-4000-8000-00000000000a"


def sh(*cmd):
	subprocess.run(cmd, env=ENV, **QUIET)


def empty(path, size):
	with open(path, "wb") as f:
		f.truncate(size)
	return path


def contents(seed, n=12, largest=40_000):
	"""Names and bytes of n files in two directories: small, large, empty."""
	rng = random.Random(seed)
	sizes = [0, 1, 59, 512, 4096, 4097] + [rng.randrange(largest) for _ in range(n)]
	return {f"{'sub/' if i % 3 == 0 else ''}file{i:02d}.dat": rng.randbytes(s) for i, s in enumerate(sizes[:n])}


def write_tree(top, files):
	for name, data in files.items():
		path = os.path.join(top, name)
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path, "wb") as f:
			f.write(data)


def ext(path, files, size=2 << 20, kind="ext4", options=()):
	top = path + ".tree"
	os.makedirs(top)
	write_tree(top, files)
	empty(path, size)
	sh("mke2fs", "-q", "-F", "-t", kind, "-b", "1024", "-U", UUID, "-E", f"hash_seed={UUID},root_owner=0:0",
		*options, "-d", top, path)
	shutil.rmtree(top)
	return path


def fat(path, files, bits=16, size=8 << 20):
	empty(path, size)
	sh("mkfs.fat", "-F", str(bits), "-i", "12345678", "-n", "TROWEL", *(["-s", "1"] if bits > 12 else []), path)
	top = path + ".tree"
	os.makedirs(top)
	write_tree(top, files)
	sh("mcopy", "-s", "-Q", "-i", path, *sorted(glob.glob(top + "/*")), "::/")
	shutil.rmtree(top)
	return path


def ntfs(path, files, size=4 << 20, streams=()):
	"""Directories are left out: ntfscp makes none. streams: (file, stream, bytes)."""
	empty(path, size)
	sh("mkntfs", "-q", "-F", "-Q", "-T", "-s", "512", "-p", "0", "-H", "16", "-S", "63", path)
	part = path + ".part"
	for name, stream, data in [(n, None, d) for n, d in files.items()] + list(streams):
		with open(part, "wb") as f:
			f.write(data)
		sh("ntfscp", *(["-N", stream] if stream else []), path, part, os.path.basename(name))
	os.unlink(part)
	return path


def exfat(path, size=4 << 20):
	empty(path, size)
	sh("mkfs.exfat", path)
	return path


def iso(path, files, options=()):
	top = path + ".tree"
	os.makedirs(top)
	write_tree(top, files)
	sh("genisoimage", "-quiet", *options, "-o", path, top)
	shutil.rmtree(top)
	return path


def yaffs2(path, files):
	"""Chunks of 2048 bytes with 64 bytes of spare; objects as in yaffs_guts.h: header chunk 0, data from 1."""
	out, sequence = b"", 4096

	def chunk(data, object_id, chunk_id, n_bytes):
		tags = struct.pack("<IIII", sequence, object_id, chunk_id, n_bytes)
		return data.ljust(2048, b"\xff") + (b"\xff\xff" + tags).ljust(64, b"\xff")

	def header(kind, parent, name, size):
		h = struct.pack("<II", kind, parent) + b"\xff\xff" + name.encode().ljust(256, b"\0") + b"\xff\xff"
		h += struct.pack("<IIIIII", 0o100644 if kind == 1 else 0o40755, 0, 0, 0, 0, 0)
		return h + struct.pack("<I", size if kind == 1 else 0xFFFFFFFF) + b"\xff\xff\xff\xff"

	out += chunk(header(3, 1, "", 0), 1, 0, 0)
	for i, (name, data) in enumerate(files.items()):
		number = 257 + i
		for c in range(0, len(data), 2048):
			piece = data[c:c + 2048]
			out += chunk(piece, number, c // 2048 + 1, len(piece))
		out += chunk(header(1, 1, os.path.basename(name), len(data)), number, 0, 0)
	with open(path, "wb") as f:
		f.write(out.ljust(-(-len(out) // (2112 * 64)) * 2112 * 64, b"\xff"))
	return path


def ewf(path, raw, segment=None, compression="none"):
	"""path without .E01; segment: bytes (1 MiB at least). Returns the segment files."""
	sh("ewfacquire", "-u", "-q", "-t", path, "-c", compression, "-b", "64", "-f", "encase6", "-m", "fixed",
		"-M", "physical", "-C", "1", "-D", "d", "-E", "e", "-e", "x", "-N", "n", "-o", "0", "-B", str(os.path.getsize(raw)),
		"-S", str(segment or (1 << 40)), raw)
	return sorted(glob.glob(path + ".E*"))


def vhd_footer(size, kind=2):
	"""A hard disk footer (Virtual Hard Disk Image Format Specification 1.0); kind 2 is a fixed disk."""
	f = b"conectix" + struct.pack(">IIQI4sI4sQQHBBI", 2, 0x10000, 0xFFFFFFFFFFFFFFFF, 0, b"trow", 0x10000,
		b"Wi2k", size, size, 64, 16, 63, kind)
	f += bytes(4) + bytes(range(16)) + b"\0"
	checksum = ~sum(f) & 0xFFFFFFFF
	return (f[:64] + struct.pack(">I", checksum) + f[68:]).ljust(512, b"\0")
