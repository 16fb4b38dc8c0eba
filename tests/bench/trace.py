# SPDX-License-Identifier: Apache-2.0
"""What a program reads from an image, and in which order, as strace sees it.

The image's files count as one row of bytes in the order of their names. A read that starts before the end of the one
before it, by the same process, is a backward seek. What is mapped or read through io_uring would be missed; that it
happened is not.
"""
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

import images

READS = "read,readv,pread64,preadv,preadv2"
OTHERS = "lseek,openat,open,mmap,io_uring_setup,execve,execveat,clone,clone3,fork,vfork"
CALL = re.compile(r"^(\d+\.\d+) (\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(<[^>]*>)?")
FILE = re.compile(r"^(\d+)<([^>]*)>")
OFFSET = {"pread64": re.compile(r", (\d+)$"), "preadv": re.compile(r", (\d+)$"), "preadv2": re.compile(r", (-?\d+), [^,]+$")}
WORKER = "trowel-worker"


@dataclass
class Reads:
	calls: int = 0
	bytes: int = 0
	backward: int = 0  # seeks
	end: dict = field(default_factory=dict)  # of the last read, by process

	def add(self, process, off, n):
		self.calls += 1
		self.bytes += n
		self.backward += off < self.end.get(process, 0)
		self.end[process] = off + n


@dataclass
class Trace:
	parts: dict  # name -> Reads: open, sweep and walk of trowel; all of another program
	blind: set  # calls by which bytes may have been read unseen

	def all(self):
		return Reads(*(sum(getattr(r, k) for r in self.parts.values()) for k in ("calls", "bytes", "backward")))


def calls_of(folder):
	"""(time, thread, call, arguments, result, what the result is) of every call, in order of time."""
	found = []
	for name in os.listdir(folder):
		with open(os.path.join(folder, name), errors="replace") as f:
			for line in f:
				m = CALL.match(line)
				if m:
					when, call, arguments, result, what = m.groups()
					found.append((when, int(name.rsplit(".", 1)[1]), call, arguments, int(result, 0), what))
	found.sort(key=lambda c: c[0])
	return found


def processes_of(calls):
	"""thread -> its process."""
	process = {}
	for _, tid, call, arguments, result, _ in calls:
		process.setdefault(tid, tid)
		if call in ("clone", "clone3", "fork", "vfork") and result > 0:
			process[result] = process[tid] if "CLONE_THREAD" in arguments else result
	return process


class Reader:
	"""Follows the calls of all processes."""
	def __init__(self, image, is_trowel):
		self.base, self.is_trowel, at = {}, is_trowel, 0
		for path in images.files(image):
			self.base[os.path.realpath(path)] = at
			at += os.path.getsize(path)
		self.at = {}  # position of (process, descriptor)
		self.workers, self.parts, self.blind = set(), {}, set()

	def part(self, process):
		if not self.is_trowel:
			return "all"
		if process in self.workers:
			return "walk"
		return "sweep" if self.workers else "open"

	def see(self, process, call, arguments, result, what):
		if call.startswith("execve"):
			if result == 0 and WORKER in arguments:
				self.workers.add(process)
		elif call == "io_uring_setup":
			self.blind.add(call)
		elif call == "mmap":
			if any(f"<{path}>" in arguments for path in self.base):
				self.blind.add(call)
		elif call in ("open", "openat"):
			if what and what[1:-1] in self.base:
				self.at[process, result] = 0
		else:
			self.see_file(process, call, arguments, result)

	def see_file(self, process, call, arguments, result):
		m = FILE.match(arguments)
		if not m or m[2] not in self.base or result < 0:
			return
		fd = int(m[1])
		if call == "lseek":
			self.at[process, fd] = result
			return
		offset = OFFSET[call].search(arguments) if call in OFFSET else None
		off = int(offset[1]) if offset else self.at.get((process, fd), 0)
		if not offset:
			self.at[process, fd] = off + result
		if result > 0:
			part = self.parts.setdefault(self.part(process), Reads())
			part.add(process, self.base[m[2]] + off, result)


def run(cmd, image, is_trowel, env, cwd):
	"""Trace cmd. Raises OSError where strace can't."""
	with tempfile.TemporaryDirectory(dir=cwd) as folder:
		strace = ["strace", "-ff", "-qq", "-y", "-s", "0", "--absolute-timestamps=format:unix,precision:ns",
			"-e", f"trace={READS},{OTHERS}", "-e", "signal=none", "-o", os.path.join(folder, "t"), "--", *cmd]
		r = subprocess.run(strace, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
			stderr=subprocess.PIPE, text=True, errors="replace")
		if r.returncode not in (0, 1):
			raise OSError(f"strace {cmd[0]}: exit {r.returncode}: {r.stderr.strip()[-300:]}")
		calls = calls_of(folder)
	reader, process = Reader(image, is_trowel), processes_of(calls)
	for _, tid, call, arguments, result, what in calls:
		reader.see(process[tid], call, arguments, result, what)
	return Trace(reader.parts, reader.blind)
