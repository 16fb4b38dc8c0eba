#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing kills, hangs or inflates the indexer: crashers, the corpus, and seeded mutations of images and containers.

hostile.py [--count N] [--seed S] [--start K] [--only WHAT] [--trowel PATH] [--jobs N] [--keep DIR] [--grave-only]
  WHAT: crashers, corpus, mutants, containers (default: all four)
hostile.py --emit SEED:NUMBER FILE     write one mutant again, without running anything

The acceptance run is `hostile.py --count 2000`; without options 60 mutants and 40 containers are made, so that
the test suite stays short. Each run must end with 0 or 1 within the limit, within 1 GiB, and leave a database
that passes `trowel verify`; a container may also be refused with 2 and one line, before there is a database.
Mutant N depends on the seed and N alone, so --start continues an earlier run.
"""
import argparse
import concurrent.futures
import glob
import os
import random
import re
import shutil
import sys
import tempfile

import damage_sweep
import lib_db
import lib_images
import lib_make

sys.path.insert(0, os.path.join(lib_images.HERE, "..", "lib"))
import measure  # noqa: E402

WALL_LIMIT_S = 1500  # not a judgement of speed: a net
ITEM_LIMIT_S = 3
SMALL_IMAGE = 128 << 20  # up to here peak memory must stay under MEMORY_LIMIT
MEMORY_LIMIT = 1 << 30
BLOCK = 512
WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE)
FROM_CORPUS = ("dfvfs_apfs.raw", "dfvfs_hfsplus.raw", "ufs_little", "tsk_image.dd", "goext4_hierarchy_32.ext4",
	"syz_exfat_0", "la_test_read_format_iso_rockridge_ce", "syz_ntfs_2", "velo_fat_very_small", "e2f_d_inline_dump")
ENDS = 4096  # bytes at either end of a container's file that hold its headers, mostly
CONTAINERS_FROM_CORPUS = ("derived_6fatundel_aff", "derived_6fatundel_afm", "dfvfs_ext2.vmdk",
	"dfvfs_ext2.qcow2", "derived_daylight_vhdx")


# ---------------------------------------------------------------- one run


def refused(r, db):
	"""A container that can't be opened is refused in one line, and leaves no database."""
	lines = r.err.decode("utf-8", "replace").strip().split("\n")
	if len(lines) != 1 or len(lines[0]) < 20:
		return f"exit 2 with {len(lines)} lines: {r.last_line()}"
	return "exit 2, and a database" if os.path.exists(db) else None


def judge(a, image, folder, may_refuse=False):
	"""None when all is well, else what went wrong."""
	db = os.path.join(folder, "case.db")
	for f in (db, db + "-journal"):
		if os.path.exists(f):
			os.unlink(f)
	cmd = [a.trowel, "index", image, "-o", db, "--jobs", "2", "--item-timeout", str(ITEM_LIMIT_S)]
	r = measure.run(cmd, timeout=WALL_LIMIT_S)
	if r.timed_out:
		return f"no end within {WALL_LIMIT_S} s"
	if r.peak > MEMORY_LIMIT and os.path.getsize(image) <= SMALL_IMAGE:
		return f"peak memory {r.peak >> 20} MiB"
	if r.rc == 2 and may_refuse:
		return refused(r, db)
	if r.rc not in (0, 1):
		return f"exit {r.rc}: {r.last_line()}"
	v = measure.run([a.trowel, "verify", db], timeout=WALL_LIMIT_S)
	if v.rc != 0:
		return f"verify: exit {v.rc}: {v.out.decode('utf-8', 'replace').strip()[:300]} {v.last_line()}"
	with lib_db.Database(db) as d:
		return judge_problems(d, r.rc)


def judge_problems(d, rc):
	problems = d.problems()
	if (rc == 1) != bool(problems):
		return f"exit {rc} with {len(problems)} problems"
	if d.one("SELECT status FROM report_runs") != "complete":
		return "the run is not complete"
	for p in problems:
		if p["code"].startswith("worker-") and not p["inode"] and len(p["message"]) < 10:
			return f"a worker was lost, and neither inode nor step is named: {p['message']}"
	return None


def attempt(a, name, make):
	folder = tempfile.mkdtemp(prefix="hostile-")
	try:
		image = make(folder)
		wrong = judge(a, image, folder, may_refuse=name.startswith("container:"))
		if wrong and a.keep:
			kept = os.path.join(a.keep, name.replace(":", "_").replace("/", "_"))
			shutil.copytree(folder, kept, dirs_exist_ok=True)
		return name, wrong
	except Exception as e:  # one image must not hide the others
		return name, f"{type(e).__name__}: {e}"
	finally:
		shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- mutations


def seeds(folder):
	"""Small images of every file system, by name."""
	files = lib_make.contents(3)
	p = lambda name: os.path.join(folder, name)  # noqa: E731
	made = {
		"ext4": lib_make.ext(p("ext4"), files), "ext2": lib_make.ext(p("ext2"), files, 1 << 20, "ext2"),
		"ext4-inline": lib_make.ext(p("ext4-inline"), files, options=("-O", "inline_data", "-I", "256")),
		"fat12": lib_make.fat(p("fat12"), files, 12, 1 << 20), "fat16": lib_make.fat(p("fat16"), files, 16, 4 << 20),
		"fat32": lib_make.fat(p("fat32"), files, 32, 36 << 20),
		"exfat": lib_make.exfat(p("exfat")), "yaffs2": lib_make.yaffs2(p("yaffs2"), files),
		"ntfs": lib_make.ntfs(p("ntfs"), files, streams=[("file01.dat", "ads", b"stream" * 200)]),
		"iso": lib_make.iso(p("iso"), files, ("-R", "-J")),
		"iso4": lib_make.iso(p("iso4"), files, ("-iso-level", "4")),
	}
	if os.path.isdir(lib_images.CORPUS):
		for e in lib_images.manifest():
			if e["id"] in FROM_CORPUS:
				made[e["id"]] = lib_images.unpack(e, p("unpacked-" + e["id"]))[0]
	return made


def busy_blocks(data):
	"""Blocks that aren't all zero, metadata mostly: those full of random bytes are file content."""
	busy = [o for o in range(0, len(data), BLOCK) if data.count(0, o, o + BLOCK) != min(BLOCK, len(data) - o)]
	structured = [o for o in busy if data.count(0, o, o + BLOCK) > BLOCK // 8]
	return structured or busy


def mutate(data, blocks, rng):
	"""A few changes of a byte, a word or a run, mostly near each other. Returns their description."""
	done = []
	near = rng.choice(blocks)
	for _ in range(rng.choice((1, 1, 2, 3, 6, 12))):
		block = near if rng.random() < 0.6 else rng.choice(blocks)
		at = min(block + rng.randrange(BLOCK), len(data) - 1)
		kind = rng.choice(("byte", "bit", "word", "word", "copy"))
		if kind == "byte":
			data[at] = rng.randrange(256)
		elif kind == "bit":
			data[at] ^= 1 << rng.randrange(8)
		elif kind == "word":
			size = rng.choice((2, 4, 4, 8))
			at -= at % size
			order = rng.choice(("little", "big"))
			data[at:at + size] = (rng.choice(WORDS) & ((1 << 8 * size) - 1)).to_bytes(size, order)
		else:
			size = rng.choice((4, 16, 64, BLOCK))
			source = rng.choice(blocks)
			data[at:at + size] = data[source:source + size]
		done.append(f"{kind}@{at}")
	return done


class Mutants:
	def __init__(self, folder, seed):
		self.seed = seed
		self.images = {}
		for name, path in sorted(seeds(folder).items()):
			data = lib_images.read(path)
			self.images[name] = (data, busy_blocks(data))

	def write(self, number, path):
		"""The mutant of that number; the same image and changes every time."""
		names = sorted(self.images)
		rng = random.Random(f"{self.seed}:{number}")
		name = names[number % len(names)]
		original, blocks = self.images[name]
		data = bytearray(original)
		done = mutate(data, blocks, rng)
		lib_images.write_sparse(path, [bytes(data[i:i + (1 << 20)]) for i in range(0, len(data), 1 << 20)])
		return name, done


# ---------------------------------------------------------------- containers


def vhd_kinds(raw, folder):
	for kind in ("fixed", "dynamic"):
		path = os.path.join(folder, f"{kind}.vhd")
		lib_make.sh("qemu-img", "convert", "-O", "vpc", "-o", f"subformat={kind},force_size=on", raw, path)
		yield f"vhd-{kind}", [path]


def vmdk_kinds(raw, folder):
	for kind in ("monolithicSparse", "streamOptimized", "monolithicFlat", "twoGbMaxExtentSparse"):
		path = os.path.join(folder, f"{kind}.vmdk")
		lib_make.sh("qemu-img", "convert", "-O", "vmdk", "-o", f"subformat={kind}", raw, path)
		yield f"vmdk-{kind}", [path] + sorted(glob.glob(os.path.join(folder, kind + "-*.vmdk")))


def split_raw(raw, folder):
	data = lib_images.read(raw)
	paths = [os.path.join(folder, f"split.{i + 1:03d}") for i in range(4)]
	for i, path in enumerate(paths):
		lib_images.write_sparse(path, [data[i * len(data) // 4:(i + 1) * len(data) // 4]])
	return paths


def containers_of(folder):
	"""Small containers of every kind: name to the paths of its files, the first one is to be named."""
	raw = lib_make.ext(os.path.join(folder, "raw"), lib_make.contents(3))
	made = {"split": split_raw(raw, folder)}
	for i, how in enumerate(damage_sweep.ACQUISITIONS):
		made[f"ewf-{how[2]}-{how[1]}-{i}"] = damage_sweep.acquire(raw, os.path.join(folder, f"ewf{i}"), how)
	if shutil.which("qemu-img"):
		made |= dict(vhd_kinds(raw, folder)) | dict(vmdk_kinds(raw, folder))
	if os.path.isdir(lib_images.CORPUS):
		for e in lib_images.manifest():
			if e["id"] in CONTAINERS_FROM_CORPUS:
				made[e["id"]] = lib_images.unpack(e, os.path.join(folder, e["id"]))
	return made


def table_blocks(data):
	"""Blocks of headers and tables: both ends, the sections of EWF, and what isn't all file content."""
	ends = set(range(0, min(len(data), ENDS), BLOCK)) | set(range(max(0, len(data) - ENDS), len(data), BLOCK))
	if data[:3] in (b"EVF", b"LVF"):
		for kind, at, end in damage_sweep.sections(data):
			stop = at + damage_sweep.DESCRIPTOR if kind == "sectors" else end
			ends |= set(range(at, stop, BLOCK))
	return sorted(ends) * 3 + busy_blocks(data)


class Containers:
	def __init__(self, folder, seed):
		self.seed = seed
		self.sets = {}
		for name, paths in containers_of(folder).items():
			files = [(os.path.basename(p), lib_images.read(p)) for p in paths]
			self.sets[name] = [(base, data, table_blocks(data)) for base, data in files]
		self.names = sorted(self.sets)

	def name(self, number):
		return self.names[number % len(self.names)]

	def write(self, number, folder):
		"""The files of the container of that number, one of them changed. Returns the path to index."""
		files = self.sets[self.name(number)]
		rng = random.Random(f"container:{self.seed}:{number}")
		chosen = rng.randrange(len(files))
		for i, (base, original, blocks) in enumerate(files):
			data = bytearray(original)
			if i == chosen:
				mutate(data, blocks, rng)
			with open(os.path.join(folder, base), "wb") as f:
				f.write(data)
		return os.path.join(folder, files[0][0])


# ---------------------------------------------------------------- what to run


def crashers():
	for name in lib_images.crashers():
		yield f"crasher:{name}", lambda folder, n=name: lib_images.unpack_crasher(n, folder)


def corpus():
	everything = lib_images.manifest()
	for e in everything:
		yield f"corpus:{e['id']}", lambda folder, e=e: lib_images.unpack(e, folder, everything)[0]


def mutants(m, start, count):
	def make(folder, number):
		path = os.path.join(folder, "mutant.img")
		m.write(number, path)
		return path
	for number in range(start, start + count):
		name = sorted(m.images)[number % len(m.images)]
		yield f"mutant:{name}:{m.seed}:{number}", lambda folder, n=number: make(folder, n)


def containers(c, start, count):
	for number in range(start, start + count):
		yield f"container:{c.name(number)}:{c.seed}:{number}", lambda folder, n=number: c.write(n, folder)


def is_grave(wrong):
	"""A crash; exit statuses from 0 to 3 are trowel's own."""
	return re.match(r"exit (-|[4-9]|\d\d)", wrong) is not None


def run(a, todo):
	failed = 0
	with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
		results = [pool.submit(attempt, a, name, make) for name, make in todo]
		for i, r in enumerate(concurrent.futures.as_completed(results)):
			name, wrong = r.result()
			if wrong:
				fails = not a.grave_only or is_grave(wrong)
				failed += fails
				print(f"{'FAIL' if fails else 'odd '} {name}: {wrong}".encode("utf-8", "backslashreplace").decode(), flush=True)
			if (i + 1) % 100 == 0:
				print(f"     {i + 1} of {len(results)} done, {failed} failed", flush=True)
	return len(results) - failed, failed


def folder_in(folder, name):
	path = os.path.join(folder, name)
	os.makedirs(path)
	return path


def arguments():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--jobs", type=int, default=2, help="images at a time")
	ap.add_argument("--count", type=int, help="mutants (60) and containers (40)")
	ap.add_argument("--seed", type=int, default=1)
	ap.add_argument("--start", type=int, default=0, help="number of the first mutant")
	ap.add_argument("--only", choices=("crashers", "corpus", "mutants", "containers"))
	ap.add_argument("--keep", metavar="DIR", help="keep images that failed")
	ap.add_argument("--grave-only", action="store_true", help="tell the rest, but fail only for a crash")
	ap.add_argument("--emit", nargs=2, metavar=("SEED:NUMBER", "FILE"))
	return ap.parse_args()


def main():
	a = arguments()
	if not a.emit and a.only not in ("mutants", "containers"):
		lib_images.need_corpus()
	with tempfile.TemporaryDirectory(prefix="hostile-seeds-") as folder:
		if a.emit:
			seed, number = (int(x) for x in a.emit[0].split(":"))
			print(*Mutants(folder, seed).write(int(number), a.emit[1]))
			return 0
		todo = []
		if a.only in (None, "crashers"):
			todo += crashers()
		if a.only in (None, "corpus"):
			todo += corpus()
		if a.only in (None, "mutants"):
			todo += mutants(Mutants(folder, a.seed), a.start, a.count or 60)
		if a.only in (None, "containers"):
			todo += containers(Containers(folder_in(folder, "containers"), a.seed), a.start, a.count or 40)
		passed, failed = run(a, todo)
	print(f"{passed} passed, {failed} failed (a mutant is written again by hostile.py --emit SEED:NUMBER FILE)")
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
