#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill trowel index at random moments, go on with --resume, and compare the database with that of a run left alone.

kill_resume.py [--count N] [--seed S] [--trowel PATH] [--work DIRECTORY] [--set FILE]... IMAGE...

Each image gets its share of N kill -9, at moments spread evenly over the length of an undisturbed run. The whole process
group dies, workers included. Every second resumption is killed as well, and so on. In the end the exit status, the canonical
digest and the verdict of trowel verify must be those of the undisturbed run. Exit status 1 where they are not; the
database is then kept.
"""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

WAIT_S = 1800  # longest run
AGAIN = 0.5  # share of the resumptions that are killed
ALL_DONE = "nothing to resume"  # so late was the kill that the run was over, if not its process


class Failed(Exception):
	pass


@dataclass
class Whole:
	"""The run left alone."""
	wall: float
	status: int
	digest: str
	verified: int


@dataclass
class Tally:
	kills: int = 0
	resumed: int = 0  # runs that were taken up at least once, and ended
	begun_anew: int = 0  # killed before there was a file to resume
	finished: int = 0  # done before the kill came


def index(a, image, db, *options):
	return [a.trowel, "index", image, "-o", db, "--quiet", "--jobs", str(a.jobs), *(f"--set={s}" for s in a.set), *options]


def run_until(cmd, seconds, err):
	"""Exit status of cmd, or None where it was killed after so many seconds. What it says goes to the file err."""
	with open(err, "w") as f:
		p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=f, start_new_session=True)
	try:
		return p.wait(timeout=seconds)
	except subprocess.TimeoutExpired:
		os.killpg(p.pid, signal.SIGKILL)
		p.wait()
		return None


def said(err):
	with open(err, errors="replace") as f:
		return f.read().strip()


def outcome(a, db):
	"""(canonical digest, status of verify)"""
	digest = subprocess.run([a.trowel, "digest", db], capture_output=True, text=True)
	if digest.returncode != 0:
		raise Failed(f"trowel digest: exit {digest.returncode}: {digest.stderr.strip()}")
	return digest.stdout.split()[0], subprocess.run([a.trowel, "verify", db], capture_output=True).returncode


def remove(db):
	for suffix in ("", "-wal", "-shm", "-journal"):
		if os.path.exists(db + suffix):
			os.unlink(db + suffix)


def whole_run(a, image, work):
	db, err = os.path.join(work, "whole.db"), os.path.join(work, "whole.err")
	remove(db)
	start = time.monotonic()
	status = run_until(index(a, image, db), WAIT_S, err)
	wall = time.monotonic() - start
	if status not in (0, 1):
		raise Failed(f"{image}: undisturbed run: exit {status}: {said(err)}")
	return Whole(wall, status, *outcome(a, db))


def finish(a, image, db, err, whole, rng, tally):
	"""Resume until it is done. Returns the exit status."""
	while True:
		options = ("--resume",) if os.path.exists(db) else ()
		seconds = rng.uniform(0, whole.wall) if rng.random() < AGAIN else WAIT_S
		status = run_until(index(a, image, db, *options), seconds, err)
		if status == 2 and options and ALL_DONE in said(err):
			tally.finished += 1
			return whole.status
		elif status is not None:
			tally.resumed += bool(options)
			tally.begun_anew += not options
			return status
		elif seconds == WAIT_S:
			raise Failed(f"{image}: not done after {WAIT_S} s")
		else:
			tally.kills += 1


def attempt(a, image, whole, rng, tally, work):
	db, err = os.path.join(work, "case.db"), os.path.join(work, "case.err")
	remove(db)
	seconds = rng.uniform(0, whole.wall)
	status = run_until(index(a, image, db), seconds, err)
	if status is None:
		tally.kills += 1
		status = finish(a, image, db, err, whole, rng, tally)
	else:
		tally.finished += 1
	where = f"{image}: first killed after {seconds:.3f} of {whole.wall:.3f} s"
	if status != whole.status:
		raise Failed(f"{where}: exit {status}, not {whole.status}: {said(err)}")
	digest, verified = outcome(a, db)
	if digest != whole.digest:
		raise Failed(f"{where}: digest {digest}, not {whole.digest}")
	if verified != whole.verified:
		raise Failed(f"{where}: verify: exit {verified}, not {whole.verified}")


def run(a, work):
	tally, rng = Tally(), random.Random(a.seed)
	for i, image in enumerate(a.images):
		whole = whole_run(a, image, work)
		wanted = a.count * (i + 1) // len(a.images)
		for _ in range(10 * a.count):
			if tally.kills >= wanted:
				break
			attempt(a, image, whole, rng, tally, work)
	print(f"{tally.kills} kills over {len(a.images)} images, seed {a.seed}: every digest is that of the run left alone;"
		f" {tally.resumed} runs were resumed to the end, {tally.begun_anew} were killed before there was anything to"
		f" resume, {tally.finished} were done before the kill")
	if tally.kills < a.count or tally.resumed == 0:
		raise Failed(f"{tally.kills} kills and {tally.resumed} resumed runs are too few to say anything")


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("images", nargs="+", metavar="IMAGE")
	ap.add_argument("--count", type=int, default=100, help="kills in all")
	ap.add_argument("--seed", type=int, default=1)
	ap.add_argument("--jobs", type=int, default=2)
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"), metavar="PATH")
	ap.add_argument("--set", action="append", default=[], metavar="FILE", help="hash set to index with")
	ap.add_argument("--work", help="where databases are written (default: a temporary directory)")
	a = ap.parse_args()
	work = a.work or tempfile.mkdtemp(prefix="kill-resume-")
	os.makedirs(work, exist_ok=True)
	try:
		run(a, work)
	except Failed as e:
		sys.exit(f"kill_resume: seed {a.seed}: {e} (databases in {work})")
	for name in ("whole.db", "case.db"):
		remove(os.path.join(work, name))
	for name in ("whole.err", "case.err"):
		if os.path.exists(os.path.join(work, name)):
			os.unlink(os.path.join(work, name))
	if not a.work:
		os.rmdir(work)


if __name__ == "__main__":
	main()
