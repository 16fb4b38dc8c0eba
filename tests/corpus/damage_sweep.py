#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Containers damaged at random, with known truth: no wrong digest is marked complete, nothing is lost in silence.

damage_sweep.py [--trowel PATH] [--count N] [--start N] [--seed N] [--jobs N] [--keep DIR] [--only KIND] [--grave-only] [--verbose]
Images of every file system are acquired with ewfacquire (chunk sizes, compression, format and segment sizes vary),
indexed while sound, damaged and indexed again. Case N depends on the seed and N alone, so --start continues an
earlier run and --count 1 repeats one case. The default takes half a minute; a full run is --count 5000. Held against
the sound image's index:
  - what is `complete` has the digests that the sound image has for that path, stream and inode;
  - a name of the sound image that is gone has a problem that says names may be missing, or damage of the image;
  - bytes that differ from the sound image give status 1, and never the verdicts match or none stored;
  - trowel verify finds nothing wrong with the database.
"""
import argparse
import concurrent.futures
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import lib_db
import lib_images
import lib_make

sys.path.insert(0, os.path.join(lib_images.HERE, "..", "lib"))
import measure  # noqa: E402

WALL_LIMIT_S = 1500  # not a judgement of speed: a net
MEMORY_LIMIT = 1 << 30
MAX_IMAGE = 24 << 20  # larger ones of the corpus are left out: they take minutes in all
FROM_CORPUS = ("derived_ntfs3g_compressed_a", "dfvfs_apfs.raw", "dfvfs_hfsplus.raw", "ufs_little", "ul_hfs",
	"goexfat_test", "e2f_d_inline_dump", "goext4_hierarchy_64.ext4", "tsk_image.dd",
	"dftt_ext-part-test-2.dd", "la_test_read_format_iso_rockridge_ce", "dfirntfs_ntfs3", "ul_gpt")
SAYS_NAMES_MAY_MISS = {"metadata-damaged", "directory-unreadable", "image-damage", "segment-missing",
	"image-truncated", "chunks-missing", "container-unreadable", "unknown-filesystem", "walk-failed",
	"volumes-failed", "worker-crash", "worker-hang", "table-lost", "volumes-damaged", "container-mismatch",
	"unsupported-filesystem"}
DESCRIPTOR = 76
# chunk size in sectors, compression, format, segment bytes (EWF has 1 MiB at least)
ACQUISITIONS = ((16, "none", "encase6", None), (64, "none", "encase6", 1 << 20), (64, "fast", "encase6", None),
	(32, "best", "encase6", 1 << 20), (128, "none", "ftk", 1 << 20), (64, "none", "encase1", None),
	(64, "best", "smart", None), (64, "empty-block", "encase5", None))


class Wrong(Exception):
	"""grave: a crash, or a wrong digest that is called complete."""
	def __init__(self, text, grave=False):
		super().__init__(text)
		self.grave = grave


def must(ok, text, grave=False):
	if not ok:
		raise Wrong(text, grave)


# ---------------------------------------------------------------- an index


@dataclass
class Index:
	"""What trowel says of one image."""
	rc: int
	image: dict
	files: list
	codes: set
	damage: list


def index(trowel, image, folder, *options, env=None):
	db = os.path.join(folder, "case.db")
	for f in (db, db + "-journal"):
		if os.path.exists(f):
			os.unlink(f)
	r = measure.run([trowel, "index", image, "-o", db, "--jobs", "2", "--item-timeout", "60", "-q", *options],
		timeout=WALL_LIMIT_S, env=env)
	must(not r.timed_out, f"no end within {WALL_LIMIT_S} s")
	must(r.rc in (0, 1), f"index: exit {r.rc}: {r.last_line()}", grave=r.rc not in (2, 3))
	must(r.peak < MEMORY_LIMIT, f"peak memory {r.peak >> 20} MiB")
	v = measure.run([trowel, "verify", db], timeout=WALL_LIMIT_S)
	must(v.rc == 0, f"verify: exit {v.rc}: {v.out.decode('utf-8', 'replace').strip()[:300]}")
	with lib_db.Database(db) as d:
		found = Index(r.rc, d.rows("SELECT * FROM report_images")[0],
			d.rows("""SELECT f.*, v.fs_offset AS fs_offset, coalesce(v.pool_block, 0) AS pool_block
				FROM report_files f JOIN report_volumes v USING (filesystem_id)"""),
			{p["code"] for p in d.problems()},
			d.rows("SELECT off, len, why FROM image_damage ORDER BY off"))
	must((r.rc == 1) == bool(found.codes), f"exit {r.rc} with the problems {sorted(found.codes)}")
	return found


def place_of(f):
	return f["fs_offset"], f["pool_block"]


def key_of(f):
	return (*place_of(f), f["raw_path"] or f["path"], f["stream"], f["inode"], f["state"])


def is_counted(path):
	"""libtsk numbers orphans as it meets them: their names say nothing."""
	return "/$OrphanFiles/" not in path


class Truth:
	"""The index of the sound image, to hold another one against."""

	def __init__(self, sound):
		self.sound = sound
		self.by_key, self.by_inode = {}, {}
		for f in sound.files:
			mark = (f["sha256"], f["digest_state"])
			self.by_key.setdefault(key_of(f), set()).add(mark)
			self.by_inode.setdefault((f["inode"], f["attr_type"]), set()).add(mark)

	def check_digest(self, f):
		"""A complete digest is one that the sound image has for the same file."""
		if f["digest_state"] != "complete":
			return
		known = self.by_key.get(key_of(f))
		if known == {(None, None)}:
			return  # a directory whose kind is no longer known: its own bytes are digested
		if known is None:
			known = self.by_inode.get((f["inode"], f["attr_type"]))
		must(known is None or any(s == f["sha256"] for s, _ in known),
			f"WRONG digest marked complete: {f['path']} inode {f['inode']} size {f['size']} ({f['state']})",
			grave=True)
		must(known is not None or f["state"] != "allocated" or not self.sound.files,
			f"complete digest of a file that the sound image does not have: {f['path']} inode {f['inode']}")

	def check(self, found, is_raw=False):
		for f in found.files:
			self.check_digest(f)
		there = {key_of(f) for f in found.files}
		lost = [k for k in self.by_key if k not in there and is_counted(str(k[2]))]
		if lost:
			must(found.codes & SAYS_NAMES_MAY_MISS, f"{len(lost)} names are gone, such as {lost[0]}; "
				f"the problems are only {sorted(found.codes)}")
		if found.image["sha256"] == self.sound.image["sha256"]:  # zeros for zeros may be on record as damage
			must(found.damage or not lost, f"the media is whole, but names are gone: {lost[:3]}")
			return
		must(found.rc == 1 or is_raw, "bytes are damaged and the exit status is 0")
		is_raw = is_raw or found.image["format"] == "raw"  # the container's start is gone: that is a problem row
		must(found.image["verdict"] not in ("match",) + (() if is_raw else ("none stored",)),
			f"the verdict on a damaged image is {found.image['verdict']}")


# ---------------------------------------------------------------- sound images


def holed(path):
	"""ext4 with holes, an uninitialised tail and a file of many extents, beside plain files."""
	lib_make.ext(path, lib_make.contents(5), 4 << 20)
	part = path + ".part"
	with open(part, "wb") as f:
		for i in range(24):
			f.seek(i * 7000)
			f.write(bytes([i + 1]) * 900)
		f.truncate(400_000)
	subprocess.run(["debugfs", "-w", "-f", "-", path], check=True, capture_output=True, env=lib_make.ENV,
		input=f"write {part} holes\nfallocate holes 300 340\nsymlink slow {'x' * 200}\n".encode())
	os.unlink(part)
	return path


def partitioned(path, parts):
	"""Images one after the other behind an MBR whose second half is a chain of extended partitions."""
	sector, at, entries, data = 512, 64, [], {}
	for p in parts:
		raw = lib_images.read(p)
		n = -(-len(raw) // sector)
		entries.append((at, n))
		data[at] = raw
		at += -(-n // 64) * 64 + 64

	def table(rows):
		b = bytearray(512)
		for i, (boot_type, start, n) in enumerate(rows):
			struct.pack_into("<B3sB3sII", b, 446 + 16 * i, 0, b"\0\1\0", boot_type, b"\0\1\0", start, n)
		b[510:] = b"\x55\xaa"
		return bytes(b)
	first, rest = entries[0], entries[1:]
	base = rest[0][0] - 1
	with open(path, "wb") as f:
		f.truncate(at * sector)
		for start, raw in data.items():
			f.seek(start * sector)
			f.write(raw)
		f.write(b"")
		f.seek(0)
		f.write(table([(0x83, *first), (0x05, base, at - base)]))
		for i, (start, n) in enumerate(rest):
			rows = [(0x83, 1, n)]
			if i + 1 < len(rest):
				rows.append((0x05, rest[i + 1][0] - 1 - base, rest[i + 1][1] + 1))
			f.seek((start - 1) * sector)
			f.write(table(rows))
	return path


def sound_images(folder):
	files = lib_make.contents(3)
	p = lambda name: os.path.join(folder, name)  # noqa: E731
	made = {
		"ext4": lib_make.ext(p("ext4"), files), "ext4-holes": holed(p("ext4-holes")),
		"ext2": lib_make.ext(p("ext2"), lib_make.contents(4, 8, 300_000), 2 << 20, "ext2"),
		"ext4-inline": lib_make.ext(p("ext4-inline"), files, options=("-O", "inline_data", "-I", "256")),
		"ext4-64": lib_make.ext(p("ext4-64"), files, 6 << 20, options=("-O", "64bit,metadata_csum,bigalloc", "-C",
			"4096")),
		"fat12": lib_make.fat(p("fat12"), files, 12, 1 << 20), "fat16": lib_make.fat(p("fat16"), files, 16, 6 << 20),
		"fat32": lib_make.fat(p("fat32"), files, 32, 36 << 20),
		"ntfs": lib_make.ntfs(p("ntfs"), lib_make.contents(8, 12, 90_000),
			streams=[("file01.dat", "ads", b"stream" * 2000), ("file02.dat", "small", b"resident")]),
		"iso": lib_make.iso(p("iso"), files, ("-R", "-J")), "yaffs2": lib_make.yaffs2(p("yaffs2"), files),
	}
	made["parts"] = partitioned(p("parts"), [made["ext2"], made["fat12"], made["ext4"], made["ntfs"]])
	if os.path.isdir(lib_images.CORPUS):
		for e in lib_images.manifest():
			if e["id"] in FROM_CORPUS:
				path = lib_images.unpack(e, p("unpacked-" + e["id"]))[0]
				if os.path.getsize(path) <= MAX_IMAGE:
					made[e["id"]] = path
	return made


def acquire(raw, top, how):
	sectors, compression, kind, segment = how
	lib_make.sh("ewfacquire", "-u", "-q", "-t", top, "-c", compression, "-b", str(sectors), "-f", kind, "-m", "fixed",
		"-M", "physical", "-C", "1", "-D", "d", "-E", "e", "-e", "x", "-N", "n", "-o", "0",
		"-B", str(os.path.getsize(raw)), "-S", str(segment or (1 << 40)), raw)
	folder, stem = os.path.split(top)
	return sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.startswith(stem + "."))


# ---------------------------------------------------------------- the ways of damage


def sections(data):
	"""(type, offset, end) of each section of a segment file."""
	found, at = [], 13
	while at + DESCRIPTOR <= len(data):
		kind = data[at:at + 16].split(b"\0")[0].decode("latin-1")
		next_at, size = struct.unpack_from("<QQ", data, at + 16)
		found.append((kind, at, min(at + max(size, DESCRIPTOR), len(data))))
		if next_at <= at:
			break
		at = next_at
	return found


def flip(data, start, end, rng, n=1):
	for _ in range(n):
		if end > start:
			data[rng.randrange(start, end)] ^= rng.randrange(1, 256)


def in_sections(*kinds):
	def damage(case, rng):
		i = rng.randrange(len(case))
		data = bytearray(lib_images.read(case[i]))
		chosen = [s for s in sections(data) if s[0] in kinds]
		if not chosen:
			return False
		for kind, at, end in (chosen if rng.random() < 0.3 else [rng.choice(chosen)]):
			flip(data, at + DESCRIPTOR, end, rng, rng.choice((1, 1, 2, 8)))
		write(case[i], data)
		return True
	return damage


def descriptors(case, rng):
	i = rng.randrange(len(case))
	data = bytearray(lib_images.read(case[i]))
	_, at, _ = rng.choice(sections(data))
	flip(data, at, at + DESCRIPTOR, rng, rng.choice((1, 1, 3)))
	write(case[i], data)
	return True


def sectors(case, rng):
	"""Zeroed or foreign sectors of the file that holds the container."""
	i = rng.randrange(len(case))
	data = bytearray(lib_images.read(case[i]))
	for _ in range(rng.choice((1, 2, 5))):
		at = rng.randrange(len(data)) // 512 * 512
		end = min(at + 512 * rng.choice((1, 1, 8)), len(data))
		data[at:end] = rng.randbytes(end - at) if rng.random() < 0.3 else bytes(end - at)
	write(case[i], data)
	return True


def moved(case, rng):
	"""A piece of the file over another one: sound chunks in wrong places."""
	i = rng.randrange(len(case))
	data = bytearray(lib_images.read(case[i]))
	size = min(rng.choice((512, 4096, 8196, 32772)), len(data) // 3)
	a, b = rng.randrange(len(data) - size), rng.randrange(len(data) - size)
	data[a:a + size] = data[b:b + size]
	write(case[i], data)
	return True


def truncated(case, rng):
	i = rng.randrange(len(case))
	os.truncate(case[i], rng.randrange(1, os.path.getsize(case[i])))
	return True


def dropped(case, rng):
	if len(case) < 2:
		return False
	os.unlink(case.pop(rng.randrange(1, len(case))))
	return True


def swapped(case, rng):
	"""Two segments of the set change names, or one is a copy of another."""
	if len(case) < 3:
		return False
	a, b = rng.sample(case[1:], 2)
	one, two = lib_images.read(a), lib_images.read(b)
	write(a, two)
	if rng.random() < 0.5:
		write(b, one)
	return True


def write(path, data):
	with open(path, "wb") as f:
		f.write(data)


WAYS = {
	"chunks": in_sections("sectors"), "table": in_sections("table"), "table2": in_sections("table2"),
	"tables": in_sections("table", "table2"), "volume": in_sections("volume", "disk", "data"),
	"trailer": in_sections("hash", "digest", "header", "header2"), "descriptors": descriptors,
	"sectors": sectors, "moved": moved, "truncated": truncated, "dropped": dropped, "swapped": swapped,
}


# ---------------------------------------------------------------- cases


class Sets:
	"""The sound images, their acquisitions and their indexes; all made once."""

	def __init__(self, a, folder):
		self.trowel, self.folder = a.trowel, folder
		self.images = sound_images(folder)
		self.names = sorted(self.images)
		self.made = {}
		with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
			self.truth = dict(zip(self.names, pool.map(self.know, self.names)))

	def know(self, name):
		home = os.path.join(self.folder, "know-" + name)
		os.makedirs(home)
		return Truth(index(self.trowel, self.images[name], home))

	def acquired(self, name, way):
		key = name, way
		if key not in self.made:
			top = os.path.join(self.folder, f"{name}-{way}", "set")
			os.makedirs(os.path.dirname(top))
			self.made[key] = acquire(self.images[name], top, ACQUISITIONS[way])
		return self.made[key]


def one_case(sets, a, number):
	rng = random.Random(f"{a.seed}:{number}")
	name = sets.names[number % len(sets.names)]
	way = rng.randrange(len(ACQUISITIONS))
	kinds = [a.only] if a.only else sorted(WAYS)
	sound = sets.acquired(name, way)
	home = tempfile.mkdtemp(prefix="damage-", dir=sets.folder)
	done = []
	try:
		case = [shutil.copy(f, home) for f in sound]
		for _ in range(1 if rng.random() < 0.7 else 2):
			kind = rng.choice(kinds)
			if WAYS[kind](case, rng):
				done.append(kind)
		if not done:
			sectors(case, rng)
			done.append("sectors")
		label = f"{number} {name} {ACQUISITIONS[way]} {'+'.join(done)}"
		options = ["--no-verify"] if rng.random() < 0.15 else []
		found = index(sets.trowel, case[0], home, *options)
		if options:
			check_unverified(sets.truth[name], found)
		else:
			sets.truth[name].check(found)
		return label, None
	except Wrong as e:
		if a.keep:
			shutil.copytree(home, os.path.join(a.keep, str(number)), dirs_exist_ok=True)
		return f"{number} {name} {ACQUISITIONS[way]} {'+'.join(done)}", e
	finally:
		shutil.rmtree(home, ignore_errors=True)


def check_unverified(truth, found):
	"""Without the pass over the media the walk alone must say what is lost."""
	for f in found.files:
		truth.check_digest(f)
	there = {key_of(f) for f in found.files}
	lost = [k for k in truth.by_key if k not in there and is_counted(str(k[2]))]
	must(not lost or found.codes & SAYS_NAMES_MAY_MISS, f"--no-verify: {len(lost)} names are gone, such as "
		f"{lost[:1]}; the problems are only {sorted(found.codes)}")
	must(found.image["verdict"] in ("not verified", "unreadable"), f"the verdict is {found.image['verdict']}")


def arguments():
	ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--jobs", type=int, default=2, help="images at a time")
	ap.add_argument("--count", type=int, default=150, help="damaged containers")
	ap.add_argument("--seed", type=int, default=1)
	ap.add_argument("--start", type=int, default=0, help="number of the first case")
	ap.add_argument("--only", choices=sorted(WAYS), help="one kind of damage")
	ap.add_argument("--keep", metavar="DIR", help="keep containers that failed")
	ap.add_argument("--grave-only", action="store_true", help="tell the rest, but fail only for a crash or a wrong 'complete'")
	ap.add_argument("--verbose", action="store_true")
	return ap.parse_args()


def main():
	a = arguments()
	failed = 0
	with tempfile.TemporaryDirectory(prefix="damage-sweep-") as folder:
		sets = Sets(a, folder)
		for number in range(a.start, a.start + a.count):  # acquire in one thread, once each
			rng = random.Random(f"{a.seed}:{number}")
			sets.acquired(sets.names[number % len(sets.names)], rng.randrange(len(ACQUISITIONS)))
		with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
			for label, wrong in pool.map(lambda n: one_case(sets, a, n), range(a.start, a.start + a.count)):
				fails = wrong is not None and (wrong.grave or not a.grave_only)
				failed += fails
				if wrong or a.verbose:
					print(f"{'FAIL' if fails else 'odd ' if wrong else 'ok  '} {label}{f': {wrong}' if wrong else ''}".encode(
						"utf-8", "backslashreplace").decode(), flush=True)
	print(f"{a.count - failed} passed, {failed} failed")
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
