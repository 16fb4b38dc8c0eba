# SPDX-License-Identifier: Apache-2.0
"""File systems in user space, mounted for as long as a with statement lasts."""
import contextlib
import os
import subprocess
import time

UNMOUNT_S = 60


class Mount:
	def __init__(self, path, daemons):
		self.path = path
		self.daemons = daemons  # processes that serve it; their work is part of the price of reading the mount


def servers(path):
	"""The processes whose command line ends in path: the daemon goes to the background under its own id."""
	found = set()
	for p in filter(str.isdigit, os.listdir("/proc")):
		with contextlib.suppress(OSError):
			with open(f"/proc/{p}/cmdline", "rb") as f:
				if f.read().rstrip(b"\0").split(b"\0")[-1] == os.fsencode(path):
					found.add(int(p))
	return found


def unmount(path, daemons):
	"""The daemon writes what it holds after umount has returned: wait for its end."""
	subprocess.run(["umount", path], check=True)
	until = time.monotonic() + UNMOUNT_S
	while any(os.path.exists(f"/proc/{p}") for p in daemons):
		if time.monotonic() > until:
			raise TimeoutError(f"{path}: its daemon lives on")
		time.sleep(0.02)


@contextlib.contextmanager
def mounted(cmd, path):
	"""Run cmd PATH, which goes to the background on its own. Raises OSError where it can't mount."""
	os.makedirs(path, exist_ok=True)
	r = subprocess.run([*cmd, path], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
	if r.returncode != 0 or not os.path.ismount(path):
		raise OSError(f"{cmd[0]}: {(r.stderr or r.stdout).strip() or 'nothing was mounted'}")
	daemons = servers(path)
	try:
		yield Mount(path, daemons)
	finally:
		unmount(path, daemons)
