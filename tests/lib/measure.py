# SPDX-License-Identifier: Apache-2.0
"""Run a program and measure it: wall and CPU seconds, bytes from disk, and the peak memory of it and all it starts."""
import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE")
SAMPLE_S = 0.01


@dataclass
class Result:
	rc: int  # exit status; negative: the signal that ended it
	timed_out: bool
	wall: float  # seconds
	cpu: float  # seconds, user and system, of the program and the children it waited for
	peak: int  # bytes of resident memory, summed over the process tree
	disk: int  # bytes that were read from storage, not from the page cache
	out: bytes
	err: bytes

	def last_line(self):
		lines = self.err.decode("utf-8", "replace").split("\n")
		return next((x.strip() for x in reversed(lines) if x.strip()), "")


def tree(pid):
	"""pid and its descendants, as far as they can be seen now."""
	found, todo = [], [pid]
	while todo:
		p = todo.pop()
		found.append(p)
		try:
			for task in os.listdir(f"/proc/{p}/task"):
				with open(f"/proc/{p}/task/{task}/children") as f:
					todo.extend(int(x) for x in f.read().split())
		except OSError:
			pass
	return found


def resident(pids):
	total = 0
	for p in pids:
		try:
			with open(f"/proc/{p}/statm") as f:
				total += int(f.read().split()[1]) * PAGE
		except (OSError, IndexError):
			pass
	return total


def kill_tree(pid):
	for p in tree(pid):
		try:
			os.kill(p, signal.SIGKILL)
		except ProcessLookupError:
			pass


def limits(file_size):
	def apply():
		resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
		if file_size is not None:
			resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
	return apply


def run(cmd, timeout=None, env=None, cwd=None, file_size=None):
	"""Measure cmd. Past timeout seconds its whole tree is killed and timed_out is set."""
	with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
		start = time.monotonic()
		p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, cwd=cwd,
			start_new_session=True, preexec_fn=limits(file_size))
		peak, timed_out, pause = 0, False, 0.002
		while True:
			pid, status, usage = os.wait4(p.pid, os.WNOHANG)
			if pid:
				break
			peak = max(peak, resident(tree(p.pid)))
			if timeout is not None and not timed_out and time.monotonic() - start > timeout:
				timed_out = True
				kill_tree(p.pid)
			time.sleep(pause)
			pause = min(pause * 1.5, SAMPLE_S)
		wall = time.monotonic() - start
		p.returncode = os.waitstatus_to_exitcode(status)
		out.seek(0)
		err.seek(0)
		return Result(p.returncode, timed_out, wall, usage.ru_utime + usage.ru_stime,
			max(peak, usage.ru_maxrss * 1024), usage.ru_inblock * 512, out.read(), err.read())
