#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure trowel and the programs that do parts of its work, all in one run, on images that are made once.

Prints figures, judges nothing: an aim that is missed is said, and the exit status is 0. The images take 22 GB in --cache.
Every round runs every program of a case once, so that what slows the machine slows all; medians are shown.
"""
import argparse
import datetime
import os
import platform
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field

import images
import programs
import progress
from programs import NotRun

MIB = 1 << 20
COLUMNS = ("program", "wall s", "trowel / it", "cpu s", "peak MiB", "disk MiB", "read / size", "seeks back")


@dataclass
class Aim:
	number: str  # a label of the case
	of: tuple  # labels whose walls are added up
	at_most: float


@dataclass
class Case:
	title: str
	programs: list
	aims: list = field(default_factory=list)
	watched: str = None  # label of the trowel whose progress is watched
	swept: bool = True  # its reads are counted


@dataclass
class Row:
	wall: float = None
	cpu: float = None
	peak: int = None
	disk: int = None
	trace: object = None
	why: str = None  # it was not run, or failed


def ntfs(a, compression):
	"""E01 without or with best compression: against ewfverify alone."""
	image = a.images.ewf("ntfs.img", compression)
	trowel = programs.trowel(a.trowel, image, a.jobs)
	return Case(f"4 GiB NTFS, 3.0 GB of files, E01, compression {compression}", [trowel, programs.ewfverify(image)],
		[Aim(trowel.label, ("ewfverify",), 0.7)], trowel.label)


def ntfs_fast(a):
	case = ntfs(a, "fast")
	image = case.programs[0].image
	case.programs += [programs.fiwalk_xml(image), programs.fiwalk(image), programs.loaddb(image),
		programs.hashdeep(image, "ntfs")]
	case.aims = [Aim("trowel index", ("ewfverify",), 0.6), Aim("trowel index", ("ewfverify", "fiwalk -x"), 0.25)]
	return case


def ntfs_raw(a):
	image = a.images.raw("ntfs.img")
	return Case("4 GiB NTFS, 3.0 GB of files, raw", [programs.trowel(a.trowel, image, a.jobs), programs.openssl(image),
		programs.fiwalk_xml(image), programs.fiwalk(image), programs.loaddb(image), programs.hashdeep(image, "ntfs")],
		[Aim("trowel index", ("openssl dgst -md5",), 1.2)], "trowel index")


def small(a):
	"""tsk_loaddb and fiwalk don't digest the image: --no-verify is the same work, and the full run is there to see."""
	image = a.images.raw("ext4-200k.img")
	without = programs.trowel(a.trowel, image, a.jobs, "--no-verify")
	return Case("ext4, 200,000 small files of 1.6 GB, raw 2.4 GB", [programs.trowel(a.trowel, image, a.jobs), without,
		programs.loaddb(image), programs.fiwalk_xml(image), programs.fiwalk(image), programs.hashdeep(image, "ext4"),
		programs.openssl(image)],
		[Aim(label, (peer,), limit) for label in (without.label, "trowel index")
			for peer, limit in (("tsk_loaddb -h", 0.07), ("fiwalk -x", 0.22))])


def fragmented(a):
	image = a.images.raw("fat-fragmented.img")
	return Case("FAT32, 260 files of 1.4 GB in hardly a piece of two clusters, raw 1.5 GiB",
		[programs.trowel(a.trowel, image, a.jobs), programs.openssl(image), programs.loaddb(image),
			programs.fiwalk_xml(image)])


def one_file(a):
	image = a.images.raw("ext4-3g.img")
	return Case("ext4, one file of 3 GiB, raw 3.4 GiB", [programs.trowel(a.trowel, image, a.jobs), programs.openssl(image),
		programs.loaddb(image), programs.fiwalk_xml(image)], [], "trowel index")


def directories(a):
	"""The same 500,000 names both times, so the walls have the ratio of the cost of a name."""
	one, many = "1 directory of 500,000", "1,000 directories of 500"
	return Case("ext4, 500,000 empty files: trowel index --no-verify",
		[programs.trowel(a.trowel, a.images.raw(name), a.jobs, "--no-verify", label=label) for name, label in (
			("ext4-one-directory.img", one), ("ext4-1000-directories.img", many))], [Aim(one, (many,), 3)], swept=False)


def memory(a):
	"""What one more file costs in memory."""
	return Case("ext4, 50,000 and 200,000 small files: trowel index",
		[programs.trowel(a.trowel, a.images.raw(f"ext4-{n}k.img"), a.jobs, label=f"{n},000 files") for n in (50, 200)],
		swept=False)


CASES = {
	"ntfs-fast": ntfs_fast,
	"ntfs-raw": ntfs_raw,
	"ntfs-none": lambda a: ntfs(a, "none"),
	"ntfs-best": lambda a: ntfs(a, "best"),
	"small": small,
	"fragmented": fragmented,
	"one-file": one_file,
	"directories": directories,
	"memory": memory,
}


def measure_rounds(case, a, rows):
	costs = {p.label: [] for p in case.programs}
	for i in range(a.runs):
		for p in case.programs:
			row = rows[p.label]
			if row.why or (i >= a.peer_runs and not p.is_trowel):
				continue
			programs.warm(p.image)
			try:
				costs[p.label].append(programs.once(p, a.images.cache))
				images.say(f"round {i + 1} of {a.runs}: {p.label}: {costs[p.label][-1].wall:.2f} s")
			except NotRun as e:
				row.why = str(e)
				images.say(f"{p.label} was NOT RUN: {e}")
	for label, found in costs.items():
		if found:
			row = rows[label]
			row.wall, row.cpu, row.peak = (statistics.median(getattr(c, k) for c in found) for k in ("wall", "cpu", "peak"))


def measure_reads(case, a, rows):
	for p in case.programs:
		row = rows[p.label]
		if row.wall is None:
			continue
		images.say(f"what it reads: {p.label}")
		try:
			row.disk = programs.cold_disk(p, a.images.cache)
			row.trace = programs.traced(p, a.images.cache)
		except (NotRun, OSError) as e:
			images.say(f"{p.label}: {e}")
		programs.warm(p.image)


def cells(case, label, row, reference):
	if row.why:
		return (label, "NOT RUN", *("-" for _ in COLUMNS[2:]))
	image = next(p.image for p in case.programs if p.label == label)
	reads = row.trace.all() if row.trace else None
	return (label, f"{row.wall:.2f}", f"{reference / row.wall:.2f}" if reference else "-", f"{row.cpu:.2f}",
		f"{row.peak / MIB:.0f}", "-" if row.disk is None else f"{row.disk / MIB:.0f}",
		f"{reads.bytes / images.size(image):.3f}" if reads else "-", str(reads.backward) if reads else "-")


def print_table(lines):
	widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
	rule = ["-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
	for line in (lines[0], rule, *lines[1:]):
		print("| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))) + " |")


def verdict(reached):
	return "reached" if reached else "NOT REACHED"


def print_aims(case, rows):
	for aim in case.aims:
		walls = [rows[label].wall for label in (aim.number, *aim.of)]
		what = f"{aim.number} / {' + '.join(aim.of)}" if len(aim.of) == 1 else f"{aim.number} / ({' + '.join(aim.of)})"
		if None in walls:
			print(f"* {what}: not known (aim <= {aim.at_most})")
			continue
		ratio = walls[0] / sum(walls[1:])
		print(f"* {what} = {ratio:.3f} (aim <= {aim.at_most}: {verdict(ratio <= aim.at_most)})")


def print_reads(program, trace):
	size = images.size(program.image)
	for part, r in trace.parts.items():
		print(f"* {program.label}, {part}: {r.calls} reads, {r.bytes / size:.4f} of the image's files, {r.backward} seeks back")
	ratio, sweep = trace.all().bytes / size, trace.parts.get("sweep")
	print(f"* {program.label}, read / size = {ratio:.3f} (aim <= 1.02: {verdict(ratio <= 1.02)});"
		f" seeks back in the sweep: {sweep.backward if sweep else 0} (aim 0)")
	if trace.blind:
		print(f"* {program.label}: {', '.join(sorted(trace.blind))} was used; bytes read so are not counted")


def print_progress(case, a):
	p = next(p for p in case.programs if p.label == case.watched)
	programs.warm(p.image)
	with tempfile.TemporaryDirectory(dir=a.images.cache, prefix="run-") as tmp:
		cmd = [a.trowel, "index", p.image, "-o", os.path.join(tmp, "case.db"), "--jobs", str(a.jobs), "--progress", "json"]
		w = progress.watch(cmd, programs.environment(), tmp)
	print(f"* {progress.cores_text(w)}")
	print(f"* {progress.eta_text(w)}")


def run_case(name, a):
	case = CASES[name](a)
	rows = {p.label: Row() for p in case.programs}
	images.say(f"measuring {name}")
	measure_rounds(case, a, rows)
	if case.swept and not a.no_reads:
		measure_reads(case, a, rows)
	first = next((r.wall for p in case.programs if p.is_trowel for r in [rows[p.label]]), None)
	print(f"\n### {name}: {case.title}\n")
	print_table([COLUMNS, *(cells(case, label, row, first) for label, row in rows.items() if row.wall or row.why)])
	print()
	print_aims(case, rows)
	for p in case.programs:
		row = rows[p.label]
		if row.why:
			print(f"* {p.label} was NOT RUN: {row.why}")
		elif p.is_trowel and row.trace:
			print_reads(p, row.trace)
	if case.watched and not rows[case.watched].why:
		print_progress(case, a)
	if name == "memory" and not any(r.why for r in rows.values()):
		fewer, more = (r.peak for r in rows.values())
		print(f"* {(more - fewer) / 150_000:.0f} bytes a file")
	sys.stdout.flush()


def cpu_name():
	with open("/proc/cpuinfo") as f:
		for line in f:
			if line.startswith("model name"):
				return line.split(":", 1)[1].strip()
	return platform.machine()


def describe(a):
	with open("/proc/meminfo") as f:
		mib = int(f.readline().split()[1]) // 1024
	versions = [programs.first_line(c) for c in ([a.trowel, "--version"], ["ewfverify", "-V"], ["tsk_loaddb", "-V"],
		["fiwalk", "-V"], ["hashdeep", "-V"], ["openssl", "version"])]
	print(f"* date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC")
	print(f"* machine: {cpu_name()}, {os.cpu_count()} processors, {mib} MiB, Linux {platform.release()}")
	print(f"* load before: {os.getloadavg()[0]:.2f}")
	print(f"* versions: {'; '.join(versions)}")
	print(f"* settings: --jobs {a.jobs}, medians of {a.runs} rounds (other programs: {a.peer_runs}), images in the page cache;"
		" disk MiB from one run more, without them in it; reads and seeks from one under strace")


def options():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="cases: " + ", ".join(CASES))
	ap.add_argument("--only", metavar="NAME,...", default=",".join(CASES), help="cases to run")
	ap.add_argument("--runs", type=int, default=5, help="rounds, of which the medians are shown")
	ap.add_argument("--peer-runs", type=int, help="of them, those that run the other programs too (default: all; 0: trowel alone)")
	ap.add_argument("--cache", default=os.path.expanduser("~/.cache/trowel-bench"), help="where the images are kept")
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"), metavar="PATH")
	ap.add_argument("--jobs", type=int, default=os.cpu_count())
	ap.add_argument("--no-reads", action="store_true", help="leave out the runs that count reads")
	a = ap.parse_args()
	a.only = a.only.split(",")
	unknown = [name for name in a.only if name not in CASES]
	if unknown:
		ap.error(f"no such case: {', '.join(unknown)}")
	found = shutil.which(a.trowel)
	if found is None:
		ap.error(f"no such program: {a.trowel}")
	a.trowel = os.path.abspath(found)
	a.peer_runs = a.runs if a.peer_runs is None else a.peer_runs
	return a


def main():
	a = options()
	a.images = images.Images(a.cache)
	describe(a)
	for name in a.only:
		run_case(name, a)


if __name__ == "__main__":
	main()
