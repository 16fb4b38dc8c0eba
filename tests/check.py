#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `make check` runs: check.py [JOBS]

Builds and test stages go side by side: while the tests of one build run, which wait for disks and for each other, the
next build takes what they leave of the machine. Everything on the build that is installed comes last, and ctest's
summary of it ends the output. A failure ends it all. Beside each stage's seconds stands its budget: that is told, and
judged by whoever reads it, never here.
"""
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count() or 1

# In order: a preset to build (gcc and clang each compile everything, warnings are errors), and the test presets that
# run on it, with budgets in seconds on two cores that do nothing else.
STAGES = (
	("tsan", 90, (("tsan", 130),)),
	("asan-clang", 150, (("asan-clang", 130),)),
	("release", 150, (("fresh", 60), ("release", 240))),
)
TOTAL = 600


class Failed(Exception):
	pass


@dataclass
class Stage:
	name: str
	budget: int
	seconds: float = 0.0


class Run:
	"""Child processes, which all end when one fails, and the time that each stage took."""

	def __init__(self):
		self.lock = threading.Lock()
		self.running = set()
		self.cause = None  # the first failure; those that stopping makes come later
		self.stages = []

	def start(self, cmd, **options):
		with self.lock:
			if self.cause:
				raise Failed("stopped")
			p = subprocess.Popen(cmd, cwd=SOURCE, start_new_session=True, text=True, errors="replace",
				stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
			self.running.add(p)
			return p

	def finish(self, p):
		status = p.wait()
		with self.lock:
			self.running.discard(p)
		return status

	def stop(self, cause):
		with self.lock:
			self.cause = self.cause or cause
			for p in self.running:
				os.killpg(p.pid, signal.SIGTERM)

	def stage(self, name, budget, work):
		stage = Stage(name, budget)
		self.stages.append(stage)
		start = time.monotonic()
		try:
			return work()
		finally:
			stage.seconds = time.monotonic() - start


def build(run, preset):
	"""Quiet, but for what goes wrong. Behind the tests in the queue for the processor."""
	for cmd in (["cmake", "--preset", preset, "-DTROWEL_WERROR=ON"],
			["cmake", "--build", f"build/{preset}", "-j", str(JOBS), "--", "--quiet"]):
		p = run.start(["nice", "-n", "10", *cmd])
		said = p.stdout.read()
		if run.finish(p) != 0:
			raise Failed(f"{preset}: {' '.join(cmd)}\n{said}")


def test(run, preset, env):
	"""Passes on what ctest says; returns its summary. One test more than cores at a time: some wait."""
	print(f"==== ctest --preset {preset}", flush=True)
	p = run.start(["ctest", "--preset", preset, "-j", str(JOBS + 1)], env=env)
	said = []
	for line in p.stdout:
		print(line, end="", flush=True)
		said.append(line)
	status = run.finish(p)
	first = next((i for i, line in enumerate(said) if re.match(r"\d+% tests passed", line)), len(said))
	if status != 0:
		raise Failed(f"ctest --preset {preset}: exit {status}\n" + "".join(said[first:]))
	return "".join(said[first:])


def build_all(run, built):
	try:
		for (preset, budget, _), event in zip(STAGES, built):
			run.stage(f"build {preset}", budget, lambda p=preset: build(run, p))
			event.set()
	except Failed as e:
		run.stop(e)
	finally:
		for event in built:
			event.set()


def test_all(run, built, seed):
	summary = ""
	for (_, _, tests), event in zip(STAGES, built):
		event.wait()
		for preset, budget in tests:
			env = {**os.environ, "TROWEL_SEED": seed} if preset == "fresh" else None
			summary = run.stage(f"test {preset}", budget, lambda p=preset, e=env: test(run, p, e))
	return summary


def report(run, seconds):
	print("\n==== stages: seconds, budget (builds run beside tests)")
	for s in run.stages:
		print(f"{s.name:<20}{s.seconds:8.0f}{s.budget:8}{'   over' if s.seconds > s.budget else ''}")
	print(f"{'all':<20}{seconds:8.0f}{TOTAL:8}{'   over' if seconds > TOTAL else ''}\n", flush=True)


def main():
	run, start = Run(), time.monotonic()
	seed = os.environ.pop("TROWEL_SEED", str(time.time_ns() // 1000000))
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	print(f"fresh tests draw from TROWEL_SEED={seed}; what fails is kept in build/release/fresh", flush=True)
	built = [threading.Event() for _ in STAGES]
	builder = threading.Thread(target=build_all, args=(run, built))
	builder.start()
	try:
		last = test_all(run, built, seed)
	except Failed as e:
		run.stop(e)
		builder.join()
		report(run, time.monotonic() - start)
		print(run.cause)
		return 1
	except BaseException as e:  # interrupted: no child goes on
		run.stop(e)
		raise
	builder.join()
	report(run, time.monotonic() - start)
	print(last, end="")
	return 0


sys.exit(main())
