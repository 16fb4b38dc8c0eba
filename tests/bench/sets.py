#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure hash sets: import, size, opening, lookups against hfind and SQLite, matching. Lists are made once, of random digests.

Prints figures, judges nothing. The lists take 3 GB in --cache, 20 GB with --large.
"""
import argparse
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import time

import bench
import images
import programs

MILLION = 1_000_000
PIECE = 100_000  # digests that are drawn at a time
HFIND_QUESTIONS = 2000


def draw(rng, size, n):
	"""n digests of `size` bytes as hex."""
	for start in range(0, n, PIECE):
		count = min(PIECE, n - start)
		text = rng.randbytes(count * size).hex()
		yield [text[i : i + 2 * size] for i in range(0, len(text), 2 * size)]


def make_md5sum(path, n):
	rng = random.Random(n)
	with open(path, "w", encoding="ascii") as f:
		number = 0
		for piece in draw(rng, 16, n):
			f.write("".join(f"{d}  /made/up/file{number + i:09d}.bin\n" for i, d in enumerate(piece)))
			number += len(piece)


def make_plain(path, n, size=20):
	rng = random.Random(n + size)
	with open(path, "w", encoding="ascii") as f:
		for piece in draw(rng, size, n):
			f.write("\n".join(piece) + "\n")


def make_nsrl(path, n):
	"""Rows as NIST has them: a file in three packages on average."""
	rng = random.Random(n)
	db = sqlite3.connect(path)
	db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
		"CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, crc32 VARCHAR NOT NULL,"
		" file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,"
		" PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size, package_id));"
		"CREATE TABLE PKG (package_id INTEGER, name VARCHAR, version VARCHAR, operating_system_id INTEGER,"
		" manufacturer_id INTEGER, language VARCHAR, application_type VARCHAR);"
		"CREATE TABLE OS (operating_system_id INTEGER, name VARCHAR, version VARCHAR, manufacturer_id INTEGER);"
		"CREATE TABLE MFG (manufacturer_id INTEGER, name VARCHAR);"
		"CREATE TABLE VERSION (version VARCHAR, build_set VARCHAR, build_date TIMESTAMP, release_date TIMESTAMP, description VARCHAR);"
		"INSERT INTO VERSION VALUES ('2000.01.1', 'made up', '2000-01-01', '2000-01-01', 'made up');")
	rows = []
	for i in range(n // 3):
		text = rng.randbytes(72).hex().upper()
		digests = (text[:64], text[64:104], text[104:136], text[136:144])
		rows += [(*digests, f"made-up-{i}.dll", rng.randrange(1 << 20), package) for package in rng.sample(range(90000), 3)]
	rows.sort()
	db.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
	db.commit()
	db.close()


def made(a, name, make, *arguments):
	path = os.path.join(a.cache, name)
	if not os.path.exists(path):
		images.say(f"making {path}")
		make(path + ".part", *arguments)
		os.rename(path + ".part", path)
	return path


def run(a, *command):
	"""Median wall seconds, of a.runs."""
	walls = []
	for _ in range(a.runs):
		start = time.monotonic()
		subprocess.run([a.trowel, *command], check=True, stdout=subprocess.DEVNULL)
		walls.append(time.monotonic() - start)
	return statistics.median(walls)


def aim(text, value, limit, unit, least=False):
	reached = value >= limit if least else value <= limit
	print(f"* {text}: {value:.4g} {unit} (aim {'>=' if least else '<='} {limit:g}: {bench.verdict(reached)})", flush=True)


def imported(a, path, name, *options):
	"""(the set, median seconds of the import)"""
	out = os.path.join(a.cache, name)
	programs.warm(path)
	return out, run(a, "set", "import", "-q", "-o", out, *options, path)


def imports(a):
	n = 10 * MILLION
	path = made(a, "md5sum-10m.txt", make_md5sum, n)
	md5, seconds = imported(a, path, "md5-10m.tset")
	aim(f"import of {n} md5sum lines, {os.path.getsize(path) >> 20} MiB", n / seconds / 1e6, 8, "million lines/s", least=True)
	path = made(a, "sha1-10m.txt", make_plain, n)
	sha1, seconds = imported(a, path, "sha1-10m.tset")
	print(f"* import of {n} plain SHA-1 lines: {n / seconds / 1e6:.2f} million lines/s")
	aim("size of that set", os.path.getsize(sha1) / n, 27.5, "bytes an entry")
	rows = 9 * MILLION
	path = made(a, "nsrl-9m.db", make_nsrl, rows)
	_, seconds = imported(a, path, "nsrl.tset", "-c", "known-good")
	aim(f"import of NSRL v3, {rows} rows of {rows // 3} files", rows / seconds / 1e6, 1, "million rows/s", least=True)
	return md5, sha1


def lookups(a):
	"""The set's own lookups come from a program that does nothing else; prints its lines."""
	tool = os.path.join(os.path.dirname(a.trowel), "tests", "bench_lookup")
	sizes = [10 * MILLION, *([100 * MILLION] if a.large else [])]
	for n in sizes:
		if not os.path.exists(tool):
			print(f"* lookups in {n} entries were NOT RUN: no {tool}")
			continue
		out = os.path.join(a.cache, f"lookup-{n}.tset")
		print(subprocess.run([tool, out, str(n)], check=True, capture_output=True, text=True).stdout, end="", flush=True)


def peers(a, md5):
	"""hfind and SQLite on the list that was imported: the index of one and the table of the other take minutes."""
	n = 10 * MILLION
	path = made(a, "md5sum-10m.txt", make_md5sum, n)
	questions = next(draw(random.Random(n), 16, HFIND_QUESTIONS))
	asking = os.path.join(a.cache, "questions")
	with open(asking, "w", encoding="ascii") as f:
		f.write("\n".join(questions) + "\n")
	hfind(path, asking, n)
	db = sqlite3.connect(":memory:")
	db.execute("CREATE TABLE t (md5 BLOB PRIMARY KEY) WITHOUT ROWID")
	start = time.monotonic()
	with open(path, encoding="ascii") as f:
		db.executemany("INSERT OR IGNORE INTO t VALUES (?)", ((bytes.fromhex(line[:32]),) for line in f))
	filled = time.monotonic() - start
	keys = [bytes.fromhex(q) for q in questions] * 20
	start = time.monotonic()
	for key in keys:
		db.execute("SELECT 1 FROM t WHERE md5 = ?", (key,)).fetchone()
	print(f"* SQLite in memory from Python, {n} entries: {n / filled / 1e6:.2f} million lines/s in,"
		f" {(time.monotonic() - start) / len(keys) * 1e9:.0f} ns a hit")
	seconds = run(a, "set", "lookup", "-s", md5, *questions[:1])
	print(f"* trowel set lookup of one digest in the set of that list, whole process with the check of all bytes: {seconds * 1000:.1f} ms")


def hfind(path, asking, n):
	if not shutil.which("hfind"):
		print("* hfind was NOT RUN: not installed")
		return
	index = path + "-md5.idx"
	if os.path.exists(index):
		os.unlink(index)
	start = time.monotonic()
	subprocess.run(["hfind", "-i", "md5sum", path], check=True, capture_output=True)
	indexed = time.monotonic() - start
	start = time.monotonic()
	subprocess.run(["hfind", "-q", "-f", asking, path], check=False, capture_output=True)
	asked = time.monotonic() - start
	print(f"* hfind, {n} entries: index {n / indexed / 1e6:.2f} million lines/s,"
		f" {asked / HFIND_QUESTIONS * 1e9:.0f} ns a hit with the process, {os.path.getsize(index) / n:.0f} bytes an entry")


def matching(a, sha1):
	image = images.Images(a.cache).raw("ext4-200k.img")
	db, copy = (os.path.join(a.cache, name) for name in ("match.db", "match-copy.db"))
	if os.path.exists(db):
		os.unlink(db)
	programs.warm(image)
	subprocess.run([a.trowel, "index", "-q", "--no-verify", "-o", db, image], check=True)
	walls = []
	for _ in range(a.runs):
		shutil.copyfile(db, copy)
		programs.warm(sha1)
		start = time.monotonic()
		subprocess.run([a.trowel, "match", copy, "--set", sha1], check=True, stdout=subprocess.DEVNULL)
		walls.append(time.monotonic() - start)
	aim("trowel match: 200,000 files against 10 million entries", statistics.median(walls), 1, "s")
	for name in ("ntfs.img", "ext4-200k.img"):
		index_cost(a, images.Images(a.cache).raw(name), sha1)
	for path in (db, copy):
		os.unlink(path)


def index_cost(a, image, sha1):
	"""Runs with and without a set by turns, for the machine changes as they go on."""
	cost = {"without": [], "with": []}
	programs.warm(image)
	for _ in range(2 * a.runs):
		for key, more in (("without", []), ("with", ["--set", sha1])):
			out = os.path.join(a.cache, "cost.db")
			if os.path.exists(out):
				os.unlink(out)
			r = programs.measure.run([a.trowel, "index", "-q", "-o", out, *more, image])
			cost[key].append((r.wall, r.cpu))
			os.unlink(out)
	wall, cpu = (statistics.median(c[i] for c in cost["with"]) / statistics.median(c[i] for c in cost["without"]) - 1
		for i in (0, 1))
	aim(f"index of {os.path.basename(image)} with a set of 10 million, more wall time", 100 * wall, 1, "%")
	print(f"* more CPU time: {100 * cpu:.2f} %")


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("--runs", type=int, default=3, help="rounds, of which the medians are shown")
	ap.add_argument("--cache", default=os.path.expanduser("~/.cache/trowel-bench"), help="where lists and images are kept")
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"), metavar="PATH")
	ap.add_argument("--large", action="store_true", help="also lookups in 100 million entries")
	ap.add_argument("--no-match", action="store_true", help="leave out what needs images")
	a = ap.parse_args()
	found = shutil.which(a.trowel)
	if found is None:
		ap.error(f"no such program: {a.trowel}")
	a.trowel, a.jobs, a.peer_runs = os.path.abspath(found), os.cpu_count(), a.runs
	os.makedirs(a.cache, exist_ok=True)
	bench.describe(a)
	md5, sha1 = imports(a)
	lookups(a)
	peers(a, md5)
	if not a.no_match:
		matching(a, sha1)


if __name__ == "__main__":
	main()
