# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared, and how one is run: timed, with a cold cache, or traced."""
import contextlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import images
import trace
from mount import mounted

sys.path.insert(0, os.path.join(images.HERE, "..", "lib"))
import measure  # noqa: E402

TIMEOUT_S = 3600
TICK = os.sysconf("SC_CLK_TCK")


class NotRun(Exception):
	pass


@dataclass
class Program:
	label: str
	image: str
	command: list  # @ stands for a temporary directory, # for the last of the mounts
	mounts: tuple = ()  # commands to which a directory is added; # stands for the one before
	is_trowel: bool = False


@dataclass
class Cost:
	wall: float  # seconds, as cpu
	cpu: float
	peak: int  # bytes, as disk
	disk: int


def trowel(path, image, jobs, *options, label=None):
	return Program(label or " ".join(("trowel index", *options)), image,
		[path, "index", image, "-o", "@/case.db", "--quiet", "--jobs", str(jobs), *options], is_trowel=True)


def to_file(*cmd):
	return ["sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", "@/out", *cmd]


def ewfverify(image):
	return Program("ewfverify", image, ["ewfverify", "-q", image])


def openssl(image):
	return Program("openssl dgst -md5", image, ["openssl", "dgst", "-md5", image])


def fiwalk(image):
	return Program("fiwalk", image, to_file("fiwalk", image))


def fiwalk_xml(image):
	return Program("fiwalk -x", image, to_file("fiwalk", "-x", image))


def loaddb(image):
	return Program("tsk_loaddb -h", image, ["tsk_loaddb", "-h", "-d", "@/tsk.db", image])


def hashdeep(image, kind):
	"""On a mount of the image, whose file system is of a kind: ntfs or ext4."""
	if kind == "ntfs":
		mount = ["ntfs-3g", "-o", "ro"]
		mounts = (["ewfmount", image], [*mount, "#/ewf1"]) if image.endswith(".E01") else ([*mount, image],)
	else:
		mounts = (["mount", "-o", "loop,ro", image],)
	return Program(f"hashdeep on {' and '.join(m[0] for m in mounts)}", image,
		to_file("hashdeep", "-c", "md5,sha1,sha256", "-r", "#"), mounts)


def environment():
	return dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")


def daemon_cost(pids):
	"""CPU seconds, bytes of peak memory and bytes from disk of the processes behind a mount."""
	cpu = peak = disk = 0
	for p in pids:
		with open(f"/proc/{p}/stat") as f:
			fields = f.read().rsplit(")", 1)[1].split()
		cpu += (int(fields[11]) + int(fields[12])) / TICK
		with open(f"/proc/{p}/status") as f:
			peak += next((int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM")), 0)
		with open(f"/proc/{p}/io") as f:
			disk += next((int(line.split()[1]) for line in f if line.startswith("read_bytes")), 0)
	return cpu, peak, disk


@contextlib.contextmanager
def ready(program, work):
	"""(command, temporary directory, daemons): with all in place."""
	with tempfile.TemporaryDirectory(dir=work, prefix="run-") as tmp, contextlib.ExitStack() as stack:
		os.mkdir(os.path.join(tmp, "out.d"))
		last, daemons = "", set()
		for i, cmd in enumerate(program.mounts):
			try:
				m = stack.enter_context(mounted([x.replace("#", last) for x in cmd], os.path.join(tmp, f"mount{i}")))
			except OSError as e:
				raise NotRun(str(e)) from e
			last = m.path
			daemons |= m.daemons
		out = os.path.join(tmp, "out.d")
		yield [x.replace("@", out) if x.startswith("@") else last if x == "#" else x for x in program.command], out, daemons


def once(program, work):
	with ready(program, work) as (cmd, tmp, daemons):
		before = daemon_cost(daemons)
		try:
			r = measure.run(cmd, env=environment(), cwd=tmp, timeout=TIMEOUT_S)
		except FileNotFoundError as e:
			raise NotRun(f"{e.filename}: not installed") from e
		after = daemon_cost(daemons)
	if r.timed_out or r.rc not in (0, 1):
		raise NotRun(f"exit {r.rc}{' after a timeout' if r.timed_out else ''}: {r.last_line()}")
	return Cost(r.wall, r.cpu + after[0] - before[0], r.peak + after[1], r.disk + after[2] - before[2])


def warm(image):
	for path in images.files(image):
		with open(path, "rb") as f:
			while f.read(16 << 20):
				pass


def evict(image):
	"""Out of the page cache, as far as no one else holds it."""
	for path in images.files(image):
		with open(path, "rb") as f:
			os.fsync(f.fileno())
			os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def cold_disk(program, work):
	"""Bytes from disk when nothing of the image is in the page cache; fewer where another program holds some of it."""
	evict(program.image)
	return once(program, work).disk


def traced(program, work):
	"""What it reads, or None where others read for it."""
	if program.mounts:
		return None
	with ready(program, work) as (cmd, tmp, _):
		return trace.run(cmd, program.image, program.is_trowel, environment(), tmp)


def first_line(cmd):
	try:
		p = subprocess.run(cmd, capture_output=True, text=True, errors="replace")
	except FileNotFoundError:
		return f"{cmd[0]}: not installed"
	return next((x for x in (p.stdout + p.stderr).splitlines() if x.strip()), "?")
