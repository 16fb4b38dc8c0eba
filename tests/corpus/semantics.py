#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""File systems at their edges, with known content: every digest that is complete is right, and nothing is silent.

semantics.py [--trowel PATH] [--keep DIR] [NAME ...]
Each check is a function whose docstring is the claim; all make their images on the spot.
"""
import argparse
import os
import random
import struct
import subprocess
import sys

import known_errors
import lib_make
from known_errors import must, rooted, sha

KIB = 1024
SECTOR = 512


def debugfs(image, *commands):
	subprocess.run(["debugfs", "-w", "-f", "-", image], check=True, capture_output=True, env=lib_make.ENV,
		input="\n".join(commands).encode() + b"\n")


def written(b, name, data):
	with open(b.path(name), "wb") as f:
		f.write(data)
	return b.path(name)


def patch(path, at, data):
	with open(path, "r+b") as f:
		f.seek(at)
		f.write(data)


def find(path, needle, nth=0):
	data = known_errors.lib_images.read(path)
	at = -1
	for _ in range(nth + 1):
		at = data.find(needle, at + 1)
		must(at >= 0, f"the maker's fault: {needle!r} is not in the image")
	return at


def garbage_ext(b, files, size=4 << 20, kind="ext4", options=()):
	"""An ext image whose free blocks are full of old bytes."""
	path = b.path("garbage.img")
	with open(path, "wb") as f:
		f.write(random.Random(9).randbytes(size))
	top = b.path("tree")
	os.makedirs(top)
	lib_make.write_tree(top, files)
	lib_make.sh("mke2fs", "-q", "-F", "-t", kind, "-b", "1024", "-E", "nodiscard", *options, "-d", top, path)
	return path


def none_wrong(c, known, why=""):
	"""Every complete digest of a regular file is of one of the known contents, by path."""
	for f in c.files:
		if f.digest_state == "complete" and f.path in known:
			must(f.sha256 == sha(known[f.path]), f"{f.path} ({f.state}): WRONG digest marked complete {why}")


# ---------------------------------------------------------------- ext2, ext3, ext4


def reallocated_inode(b):
	"""A deleted name whose inode another file has now doesn't get that file's digest."""
	old, new = random.Random(1).randbytes(5000), random.Random(2).randbytes(5000)
	image = lib_make.ext(b.path("i.img"), {"keep": b"k"})
	debugfs(image, f"write {written(b, 'old', old)} old-name", "rm old-name", f"write {written(b, 'new', new)} new-name")
	c = b.index(image)
	c.right({"/new-name": new})
	for f in c.files:
		must(f.path == "/new-name" or f.sha256 != sha(new), f"{f.path} ({f.state}) has the digest of /new-name")


def hard_links(b):
	"""Every hard link is a row with the same digest."""
	data = random.Random(3).randbytes(9000)
	image = lib_make.ext(b.path("i.img"), {"one": data, "d/x": b"x"})
	debugfs(image, "ln one d/two", "ln one three", "sif one links_count 3")
	b.index(image).right({"/one": data, "/d/two": data, "/three": data})


def uninitialised_extents(b):
	"""Extents that are allocated but not written read as zeros, whatever the blocks hold."""
	data = random.Random(4).randbytes(3000)
	for i, options in enumerate(((), ("-O", "64bit,metadata_csum"), ("-O", "bigalloc", "-C", "4096"))):
		sub = known_errors.Bench(b.trowel, b.path(f"u{i}"))
		os.makedirs(sub.folder)
		image = garbage_ext(sub, {"plain": data}, options=options)
		debugfs(image, f"write {written(sub, 'f', data)} tail", "fallocate tail 4 40", "sif tail size 30000",
			f"write {written(sub, 'e', b'')} whole", "fallocate whole 0 20", "sif whole size 20480")
		c = sub.index(image)
		known = {"/plain": data, "/tail": data.ljust(30000, b"\0"), "/whole": bytes(20480)}
		(c.right_or_said if "bigalloc" in str(options) else c.right)(known)  # libtsk refuses bigalloc


def many_extents(b):
	"""A file of thousands of extents, with a tree of several levels, and its holes."""
	path = b.path("frag")
	rng = random.Random(5)
	with open(path, "wb") as f:
		for i in range(3000):
			f.seek(i * 3 * KIB)
			f.write(rng.randbytes(KIB))
		f.truncate(3000 * 3 * KIB + 17)
	data = known_errors.lib_images.read(path)
	for kind in ("ext4", "ext2"):
		image = garbage_ext(known_errors.Bench(b.trowel, sub_folder(b, kind)), {}, 12 << 20, kind)
		debugfs(image, f"write {path} frag")
		b.index(image).right({"/frag": data})


def sub_folder(b, name):
	os.makedirs(b.path(name))
	return b.path(name)


def symlinks(b):
	"""Fast and slow links have their targets."""
	image = lib_make.ext(b.path("i.img"), {"a": b"a"})
	debugfs(image, "symlink fast target", f"symlink slow {'y' * 300}")
	c = b.index(image)
	with known_errors.lib_db.Database(c.db) as d:
		targets = dict((r["path"], r["target"]) for r in d.rows("SELECT path, target FROM report_files WHERE kind = 'symlink'"))
	must(targets == {"/fast": "target", "/slow": "y" * 300}, f"{targets}")


def odd_names(b):
	"""Newlines, wrong UTF-8, backslashes, 255 bytes, a slash inside a name: each is a row with its bytes."""
	names = [b"new\nline", b"bad\xff\xfeutf8", b"back\\slash", b"L" * 255, b"\xed\xa0\x80surrogate", b"tab\tesc\x1b[2J",
		b" lead", b"trail ", b"...", b"\xc3\xa9" * 127, b"colon:stream", b"$OrphanFiles"]
	top = sub_folder(b, "tree").encode()
	files = {n: n + b" content" for n in names}
	for n, data in files.items():
		with open(os.path.join(top, n), "wb") as f:
			f.write(data)
	image = lib_make.empty(b.path("i.img"), 2 << 20)
	lib_make.sh("mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-d", top, image)
	patch(image, find(image, b"back\\slash") + 4, b"/")
	files[b"back/slash"] = files.pop(b"back\\slash")
	c = b.index(image)
	rows = {f.raw: f for f in c.files if f.state == "allocated" and f.kind == "regular"}
	for n, data in files.items():
		f = rows.get(b"/" + n)
		must(f is not None, f"{n!r} has no row")
		must(f.digest_state == "complete" and f.sha256 == sha(data), f"{n!r}: {f.digest_state}")


def nul_in_name(b):
	"""A name with a NUL in it is not lost, and has its content or a problem."""
	image = lib_make.ext(b.path("i.img"), {"nulname1": b"one", "nulname2": b"two"})
	patch(image, find(image, b"nulname1") + 3, b"\0")
	c = b.index(image)
	must(any(f.sha256 == sha(b"one") for f in c.files) or c.problems, "the file is lost in silence")
	c.right({"/nulname2": b"two"})


def large_directory(b):
	"""20,000 names in one directory."""
	top = sub_folder(b, "tree")
	for i in range(20000):
		with open(os.path.join(top, f"name-{i:05d}"), "wb") as f:
			f.write(b"%d" % i)
	image = lib_make.empty(b.path("i.img"), 64 << 20)
	lib_make.sh("mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-N", "20100", "-d", top, image)
	c = b.index(image)
	got = {f.path: f.sha256 for f in c.files if f.path.startswith("/name-")}
	must(len(got) == 20000, f"{len(got)} of 20000 names")
	must(all(got[f"/name-{i:05d}"] == sha(b"%d" % i) for i in range(20000)), "wrong digests")


def encrypted_flag(b):
	"""A file that the file system says is encrypted is marked so."""
	image = lib_make.ext(b.path("i.img"), {"f": b"secret" * 1000})
	debugfs(image, "sif f flags 0x80800")
	c = b.index(image)
	with known_errors.lib_db.Database(c.db) as d:
		flags = d.one("SELECT flags FROM report_files WHERE path = '/f'")
	must(flags & 2, f"flags are {flags}")


# ---------------------------------------------------------------- NTFS


def mft_attribute(image, name, kind=0x80):
	"""Offset of the first attribute of that type in the MFT record that has this file name."""
	data = known_errors.lib_images.read(image)
	needle = name.encode("utf-16-le")
	at = -1
	while True:
		at = data.find(b"FILE", at + 1)
		must(at >= 0, f"the maker's fault: no MFT record of {name}")
		record = data[at:at + 1024]
		if at % 1024 or needle not in record:
			continue
		a = struct.unpack_from("<H", record, 20)[0]
		while a + 8 < 1024:
			t, n = struct.unpack_from("<II", record, a)
			if t == kind:
				return at + a
			if t == 0xFFFFFFFF or n == 0:
				break
			a += n


def ntfs_uninitialised(b):
	"""Past the initialised size of an NTFS stream there are zeros, whatever the clusters hold."""
	data = random.Random(6).randbytes(60000)
	image = lib_make.ntfs(b.path("n.img"), {"tail.bin": data, "none.bin": data, "odd.bin": data})
	for name, init in (("tail.bin", 8192), ("none.bin", 0), ("odd.bin", 5001)):
		patch(image, mft_attribute(image, name) + 56, struct.pack("<Q", init))
	b.index(image).right({"/tail.bin": data[:8192].ljust(60000, b"\0"), "/none.bin": bytes(60000),
		"/odd.bin": data[:5001].ljust(60000, b"\0")})


def ntfs_bad_runs(b):
	"""A run list that contradicts itself gives no complete digest."""
	data = random.Random(7).randbytes(60000)
	image = lib_make.ntfs(b.path("n.img"), {"cut.bin": data, "far.bin": data, "fine.bin": data})
	at = mft_attribute(image, "cut.bin")
	patch(image, at + 64, b"\0")  # no run at all
	at = mft_attribute(image, "far.bin")
	runs = struct.unpack_from("<H", known_errors.lib_images.read(image), at + 32)[0]
	patch(image, at + runs, b"\x31\x76\xff\xff\x3f\0")  # past the end of the volume
	c = b.index(image)
	c.right({"/fine.bin": data})
	for name in ("/cut.bin", "/far.bin"):
		for f in c.rows(name):
			must(f.digest_state != "complete" or f.sha256 == sha(data), f"{name}: WRONG digest marked complete")
		must(c.problems, "no problem on record")


def ntfs_directory_stream(b):
	"""A named stream of a directory is a row with its content."""
	data = b"kept in a folder " * 5
	image = lib_make.ntfs(b.path("n.img"), {"f": b"f"})
	raw = known_errors.lib_images.read(image)
	at = raw.index("$Extend".encode("utf-16-le"), raw.index(b"FILE0")) // 1024 * 1024
	record = bytearray(raw[at:at + 1024])
	usa, n = struct.unpack_from("<HH", record, 4)
	for i in range(1, n):  # the words that each sector's last stand in for
		record[i * 512 - 2:i * 512] = record[usa + 2 * i:usa + 2 * i + 2]
	a = mft_attribute(image, "$Extend", 0x90) - at
	name = "note".encode("utf-16-le")
	size = -(-(24 + len(name) + len(data)) // 8) * 8
	stream = struct.pack("<IIBBHHHIHH", 0x80, size, 0, 4, 24, 0, 9, len(data), 24 + len(name), 0) + name + data
	in_use = struct.unpack_from("<I", record, 24)[0] + size
	must(in_use <= 1022, "the maker's fault: no room in the record")
	record = record[:a] + stream.ljust(size, b"\0") + record[a:1024 - size]
	struct.pack_into("<I", record, 24, in_use)
	struct.pack_into("<H", record, 40, 10)
	for i in range(1, n):
		record[usa + 2 * i:usa + 2 * i + 2] = record[i * 512 - 2:i * 512]
		record[i * 512 - 2:i * 512] = record[usa:usa + 2]
	patch(image, at, record)
	b.index(image).right({"/$Extend:note": data, "/f": b"f"})


def ntfs_sparse(b):
	"""Runs of an NTFS file that have no clusters read as zeros, at its front, inside and at its end."""
	data = random.Random(13).randbytes(64 * KIB)
	holed = data[:16 * KIB] + bytes(32 * KIB) + data[48 * KIB:]
	image = lib_make.ntfs(b.path("n.img"), {"inside": data, "front": data, "end": data})
	for name, first, n_hole, n_after in (("inside", 4, 8, 4), ("front", 0, 4, 12), ("end", 12, 4, 0)):
		sparse_runs(image, name, first, n_hole, n_after)
	b.index(image).right({"/inside": holed, "/front": bytes(16 * KIB) + data[16 * KIB:],
		"/end": data[:48 * KIB] + bytes(16 * KIB)})


def sparse_runs(image, name, n_first, n_hole, n_after):
	"""Make a file that is one run of 16 clusters a sparse one, with n_hole of them taken away."""
	at = mft_attribute(image, name)
	raw = known_errors.lib_images.read(image)
	old = raw[at:at + struct.unpack_from("<I", raw, at + 4)[0]]
	record = at // 1024 * 1024
	in_use = struct.unpack_from("<I", raw, record + 24)[0]
	runs = old[struct.unpack_from("<H", old, 32)[0]:]
	must(runs[0] & 15 == 1 and runs[1] == 16, f"the maker's fault: {name} is not one run of 16 clusters")
	lcn = int.from_bytes(runs[2:2 + (runs[0] >> 4)], "little")
	new, last = b"", 0
	for n, start in ((n_first, lcn), (n_hole, None), (n_after, lcn + n_first + n_hole)):
		if n and start is None:
			new += bytes((0x01, n))
		elif n:
			new += bytes((0x31, n)) + (start - last).to_bytes(3, "little")
			last = start
	new = (new + b"\0").ljust(16, b"\0")
	head = bytearray(old[:64] + struct.pack("<Q", (16 - n_hole) * 4 * KIB))  # with the size of what is there
	struct.pack_into("<I", head, 4, len(head) + len(new))
	struct.pack_into("<H", head, 12, 0x8000)
	struct.pack_into("<HH", head, 32, len(head), 4)
	rest = raw[at + len(old):record + in_use]
	grown = in_use + len(head) + len(new) - len(old)
	must(rest[:4] == b"\xff" * 4 and grown <= 510, f"the maker's fault: {name}: no room for {grown} bytes")
	patch(image, at, bytes(head) + new + rest)
	patch(image, record + 24, struct.pack("<I", grown))


def ntfs_reallocated_entry(b):
	"""A name whose MFT entry another file has now (another sequence number) doesn't get that file's digest."""
	stays, new = random.Random(14).randbytes(20000), random.Random(15).randbytes(20000)
	image = lib_make.ntfs(b.path("n.img"), {"first": stays, "other": new})
	record = mft_attribute(image, "other") // 1024 * 1024
	raw = known_errors.lib_images.read(image)[record:record + 1024]
	patch(image, record + 16, struct.pack("<H", struct.unpack_from("<H", raw, 16)[0] + 1))
	patch(image, record + raw.index("other".encode("utf-16-le")), "later".encode("utf-16-le"))
	c = b.index(image)
	c.right({"/first": stays})
	for f in c.files:
		must(not f.path.endswith("/other") or f.sha256 != sha(new), f"{f.path} ({f.state}) has the digest of another file")
	must(any(f.sha256 == sha(new) for f in c.files) or c.problems, "the file in the entry is lost in silence")


# ---------------------------------------------------------------- FAT


def fat_reused_clusters(b):
	"""A deleted FAT file whose clusters are another's now doesn't have that one's digest."""
	old, new = random.Random(8).randbytes(3000), random.Random(9).randbytes(9000)
	image = lib_make.fat(b.path("f.img"), {"OLD.BIN": old, "KEEP.BIN": b"keep"})
	lib_make.sh("mdel", "-i", image, "::/OLD.BIN")
	lib_make.sh("mcopy", "-i", image, written(b, "NEW.BIN", new), "::/NEW.BIN")
	c = b.index(image)
	c.right({"/NEW.BIN": new, "/KEEP.BIN": b"keep"})
	for f in c.files:
		if f.state != "allocated" and f.digest_state == "complete" and f.size:
			must(f.sha256 in (sha(old),), f"{f.path} ({f.state}, {f.size} bytes): complete, but its clusters were reused")


def fat_broken_chain(b):
	"""An allocated FAT file whose cluster chain ends early, loops, or enters another file isn't complete."""
	data = random.Random(10).randbytes(20 * KIB)
	for name, value in (("early", 0xFFFF), ("free", 0), ("loop", None), ("bad", 0xFFF7), ("past", 0xFFE0)):
		image = lib_make.fat(b.path(name + ".img"), {"A.BIN": data, "B.BIN": data[::-1]})
		boot = known_errors.lib_images.read(image)[:64]
		reserved, n_fats = struct.unpack_from("<HB", boot, 14)
		per_fat = struct.unpack_from("<H", boot, 22)[0]
		first = struct.unpack_from("<H", known_errors.lib_images.read(image), find(image, b"A       BIN") + 26)[0]
		for k in range(n_fats):
			patch(image, (reserved + k * per_fat) * SECTOR + (first + 7) * 2,
				struct.pack("<H", first if value is None else value))
		c = b.index(image)
		c.right({"/B.BIN": data[::-1]})
		must(c.rows("/A.BIN"), f"{name}: /A.BIN has no row")
		for f in c.rows("/A.BIN"):
			must(f.digest_state != "complete", f"{name}: /A.BIN is complete, its chain is not")
		must(c.problems, f"{name}: no problem on record")


def fat_cross_link(b):
	"""Two FAT files that share clusters: at most one of the two digests can be right, and that is on record."""
	data = random.Random(11).randbytes(8 * KIB)
	image = lib_make.fat(b.path("x.img"), {"A.BIN": data, "B.BIN": data[::-1]})
	a = find(image, b"A       BIN")
	first = known_errors.lib_images.read(image)[a + 26:a + 28]
	patch(image, find(image, b"B       BIN") + 26, first)
	c = b.index(image)
	must(c.rows("/A.BIN") and c.rows("/B.BIN"), "a row is missing")


# ---------------------------------------------------------------- partitions and containers


def mbr(rows):
	t = bytearray(512)
	for i, (kind, start, n) in enumerate(rows):
		struct.pack_into("<B3sB3sII", t, 446 + 16 * i, 0, b"\0\1\0", kind, b"\0\1\0", start, n)
	t[510:] = b"\x55\xaa"
	return bytes(t)


def gpt(sector, parts, total):
	"""Primary table of one GPT with sectors of that size; parts: (first, last)."""
	import zlib
	table = bytearray(128 * 128)
	for i, (first, last) in enumerate(parts):
		struct.pack_into("<16s16sQQQ72s", table, 128 * i, bytes(range(1, 17)), bytes([i + 1]) * 16, first, last, 0, b"p\0")
	h = bytearray(struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, total - 1, 6, total - 6,
		b"\7" * 16, 2, 128, 128, zlib.crc32(bytes(table))))
	struct.pack_into("<I", h, 16, zlib.crc32(bytes(h)))
	return mbr([(0xEE, 1, total - 1)]).ljust(sector, b"\0") + bytes(h).ljust(sector, b"\0") + bytes(table)


def gpt_4096(b):
	"""A GPT with sectors of 4096 bytes is found without being told."""
	files = {"in-gpt": random.Random(12).randbytes(5000)}
	fs = known_errors.lib_images.read(lib_make.ext(b.path("e"), files))
	image = lib_make.empty(b.path("g.img"), (len(fs) + (1 << 20)))
	total = os.path.getsize(image) // 4096
	patch(image, 0, gpt(4096, [(16, 16 + len(fs) // 4096 - 1)], total))
	patch(image, 16 * 4096, fs)
	b.index(image).right_or_said(rooted(files))


def overlapping_partitions(b):
	"""Two partitions over the same sectors: the files of both are indexed, or a problem names it."""
	one = {"one": random.Random(13).randbytes(5000)}
	two = {"two": random.Random(14).randbytes(5000)}
	image = lib_make.empty(b.path("o.img"), 12 << 20)
	patch(image, 0, mbr([(0x83, 2048, 8192), (0x83, 6144, 8192), (0x83, 20000, 90000)]))
	patch(image, 2048 * SECTOR, known_errors.lib_images.read(lib_make.ext(b.path("1"), one)))
	patch(image, 6144 * SECTOR, known_errors.lib_images.read(lib_make.ext(b.path("2"), two)))
	b.index(image).right_or_said(rooted(one) | rooted(two))


def partition_past_end(b):
	"""A partition that goes on past the end of the image, and one that lies behind it: files past the end aren't complete."""
	files = lib_make.contents(15, 8, 200_000)
	raw = known_errors.lib_images.read(lib_make.ext(b.path("e"), files))
	image = written(b, "p.img", mbr([(0x83, 2048, 4096), (0x83, 90000, 4096)]).ljust(2048 * SECTOR, b"\0") + raw[:700_000])
	c = b.index(image)
	for path, data in rooted(files).items():
		c.is_right(path, data)
	must(c.problems, "no problem on record")


def hybrid_disc(b):
	"""An ISO that is a disk with a FAT partition, too: the files of both are there."""
	on_disc, on_fat = {"disc.txt": b"disc" * 999}, {"FAT.TXT": b"fat" * 999}
	image = lib_make.iso(b.path("h.iso"), on_disc)
	at = -(-os.path.getsize(image) // SECTOR) + 64
	fat = known_errors.lib_images.read(lib_make.fat(b.path("f"), on_fat, 12, 1 << 20))
	patch(image, at * SECTOR, fat)
	patch(image, 440, mbr([(0x17, 0, at), (0x01, at, len(fat) // SECTOR)])[440:])
	b.index(image).right({"/DISC.TXT": on_disc["disc.txt"], "/FAT.TXT": on_fat["FAT.TXT"]})


SECOND_SIGNS = {"LUKS": (0, b"LUKS\xba\xbe\0\1"), "BitLocker": (3, b"-FVE-FS-"), "XFS": (0, b"XFSB\0\0\x10\0"),
	"LVM2": (512, b"LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001"), "Btrfs": (0x10040, b"_BHRfS_M")}


def joliet_twin(b):
	"""A file whose Joliet record is made out to be a directory has its content digested by its primary record."""
	data = random.Random(16).randbytes(5000)
	image = lib_make.iso(b.path("j.iso"), {"first.bin": data, "second.bin": b"2"}, ("-J",))
	at = find(image, "first.bin".encode("utf-16-be"))
	patch(image, at - 33 + 25, b"\x02")
	c = b.index(image)
	must(any(f.sha256 == sha(data) for f in c.files), f"the content is lost: {[f.path for f in c.files]} {c.problems}")


def other_sign(b):
	"""A stale ext4 that libtsk opens with pleasure where another system begins: the other is on record."""
	base = known_errors.lib_images.read(lib_make.ext(b.path("e"), {"stale": b"stale" * 99}, 4 << 20))
	missed = []
	for name, (at, magic) in SECOND_SIGNS.items():
		image = written(b, name, base)
		patch(image, at, magic)
		c = b.index(image)
		said = " ".join(str(v["content"]) for v in c.volumes) + " ".join(p["message"] for p in c.problems)
		if not c.problems or name not in said:
			missed.append(name)
	must(not missed, f"only the ext4 is on record, nothing says: {', '.join(missed)}")


def zip_of_fat(b):
	"""FAT over ext4 whose superblock is still there: both are indexed, or said."""
	stale = known_errors.lib_images.read(lib_make.ext(b.path("e"), {"stale": b"stale" * 99}, 8 << 20))
	fresh = {"FRESH.TXT": b"fresh" * 999}
	image = lib_make.fat(b.path("f.img"), fresh, 32, 36 << 20)
	patch(image, 1024, stale[1024:2048])
	c = b.index(image)
	c.right_or_said(rooted(fresh))
	must(c.problems, "the ext superblock is not on record")


def split_set_cut(b):
	"""A file of a split raw set that was cut short: what lies behind it gets no complete digest that is wrong."""
	files = lib_make.contents(3, 12, 300_000)
	data = known_errors.lib_images.read(lib_make.ext(b.path("e"), files, 4 << 20))
	for cut in range(3):
		folder = sub_folder(b, f"set{cut}")
		for i in range(4):
			piece = data[i << 20:(i + 1) << 20]
			with open(os.path.join(folder, f"x.{i + 1:03d}"), "wb") as f:
				f.write(piece[:-51200] if i == cut else piece)
		c = b.index(os.path.join(folder, "x.001"))
		for path, content in rooted(files).items():
			c.is_right(path, content)
		must(c.rc == 1 and c.problems, f"piece {cut + 1} is cut, and nothing says so")


def partition_table_damage(b):
	"""An extended partition table in a damaged chunk: without the verification pass, too, that is on record."""
	one, two = {"one": b"1" * 5000}, {"two": b"2" * 5000}
	image = lib_make.empty(b.path("t.img"), 6 << 20)
	patch(image, 0, mbr([(0x83, 64, 4096), (0x05, 6144, 6000)]))
	patch(image, 64 * SECTOR, known_errors.lib_images.read(lib_make.ext(b.path("1"), one)))
	patch(image, 6144 * SECTOR, mbr([(0x83, 64, 4096)]))
	patch(image, 6208 * SECTOR, known_errors.lib_images.read(lib_make.ext(b.path("2"), two)))
	e01, = lib_make.ewf(b.path("t"), image)
	patch(e01, find(e01, mbr([(0x83, 64, 4096)])) + 100, b"\x55")
	must(b.index(e01, "--no-verify").problems, "partitions are gone in silence")


CHECKS = (reallocated_inode, hard_links, uninitialised_extents, many_extents, symlinks, odd_names, nul_in_name,
	large_directory, encrypted_flag, ntfs_uninitialised, ntfs_bad_runs, ntfs_directory_stream,
	ntfs_sparse, ntfs_reallocated_entry, fat_reused_clusters, fat_broken_chain,
	fat_cross_link, gpt_4096, overlapping_partitions, partition_past_end, hybrid_disc, joliet_twin, other_sign, zip_of_fat,
	split_set_cut, partition_table_damage)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("names", nargs="*", metavar="NAME")
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--keep", metavar="DIR", help="keep images and databases here")
	a = ap.parse_args()
	if a.keep:
		os.makedirs(a.keep, exist_ok=True)
	results = [known_errors.run(c, a) for c in CHECKS if not a.names or c.__name__ in a.names]
	print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
	return 0 if results and all(results) else 1


if __name__ == "__main__":
	sys.exit(main())
