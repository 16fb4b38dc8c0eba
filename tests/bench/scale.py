#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Index an ext4 image of 200,000 small files and say how that compares with tsk_loaddb -h and fiwalk -x.

Prints figures, judges nothing. The images are made once and kept in --cache (about 2.8 GB).
"""
import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import measure  # noqa: E402

MIB = 1 << 20


def first_line(cmd):
	try:
		p = subprocess.run(cmd, capture_output=True, text=True, errors="replace")
	except FileNotFoundError:
		return f"{cmd[0]}: not installed"
	return next((x for x in (p.stdout + p.stderr).splitlines() if x.strip()), "?")


def cpu_name():
	with open("/proc/cpuinfo") as f:
		for line in f:
			if line.startswith("model name"):
				return line.split(":", 1)[1].strip()
	return platform.machine()


def describe(trowel):
	with open("/proc/meminfo") as f:
		memory = int(f.readline().split()[1]) // 1024
	print(f"date      {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC")
	print(f"machine   {cpu_name()}, {os.cpu_count()} processors, {memory} MiB, Linux {platform.release()}")
	print(f"versions  {first_line([trowel, '--version'])}; {first_line(['tsk_loaddb', '-V'])};"
		f" {first_line(['fiwalk', '-V'])}")


def image(cache, n_files):
	path = os.path.join(cache, f"ext4-{n_files // 1000}k.img")
	if not os.path.exists(path):
		os.makedirs(cache, exist_ok=True)
		subprocess.run([sys.executable, os.path.join(HERE, "make_ext4.py"), path, str(n_files)], check=True)
	return path


def warm(path):
	with open(path, "rb") as f:
		while f.read(16 * MIB):
			pass


def once(command, work):
	with tempfile.TemporaryDirectory(dir=work) as tmp:
		cmd = [x.replace("@", tmp) for x in command]
		env = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")
		r = measure.run(cmd, env=env, cwd=tmp, timeout=1200)
		if r.timed_out or r.rc not in (0, 1):
			sys.exit(f"scale: {' '.join(command)}: exit {r.rc}: {r.last_line()}")
		return r


def median(command, img, work, runs):
	warm(img)
	rs = [once(command, work) for _ in range(runs)]
	return [statistics.median(getattr(r, k) for r in rs) for k in ("wall", "cpu", "peak")]


def table(trowel, img, a):
	index = [trowel, "index", img, "-o", "@/case.db", "--jobs", str(a.jobs)]
	programs = [("trowel index", index, a.runs), ("trowel index --no-verify", [*index, "--no-verify"], a.runs)]
	if not a.only_trowel:
		programs += [("tsk_loaddb -h", ["tsk_loaddb", "-h", "-d", "@/tsk.db", img], a.peer_runs),
			("fiwalk -x", ["sh", "-c", "exec fiwalk -x \"$1\" > @/fiwalk.xml", "sh", img], a.peer_runs)]
	rows = []
	print(f"\n{img}")
	print(f"{'program':<26}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}{'wall of loaddb':>16}")
	for name, command, runs in programs:
		rows.append((name, *median(command, img, a.cache, runs)))
	base = next((r[1] for r in rows if r[0].startswith("tsk_loaddb")), None)
	for name, wall, cpu, peak in rows:
		ratio = f"{wall / base:>16.3f}" if base else f"{'-':>16}"
		print(f"{name:<26}{wall:>9.2f}{cpu:>9.2f}{peak / MIB:>10.1f}{ratio}")
	return rows[0][3]


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--cache", default=os.path.expanduser("~/.cache/trowel-bench"), help="where the images are kept")
	ap.add_argument("--runs", type=int, default=3, help="runs of trowel, of which the median is shown")
	ap.add_argument("--peer-runs", type=int, default=1, help="runs of the other programs")
	ap.add_argument("--jobs", type=int, default=os.cpu_count())
	ap.add_argument("--only-trowel", action="store_true")
	a = ap.parse_args()

	describe(a.trowel)
	print(f"settings  --jobs {a.jobs}, median of {a.runs} (others: {a.peer_runs}), image in the page cache")
	large = table(a.trowel, image(a.cache, 200_000), a)
	small_img = image(a.cache, 50_000)
	warm(small_img)
	small = once([a.trowel, "index", small_img, "-o", "@/case.db", "--jobs", str(a.jobs)], a.cache).peak
	print(f"\nmemory    {small / MIB:.1f} MiB at 50,000 files, {large / MIB:.1f} MiB at 200,000:"
		f" {(large - small) / 150_000:.0f} bytes a file")


if __name__ == "__main__":
	main()
