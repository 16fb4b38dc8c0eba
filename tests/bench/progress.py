# SPDX-License-Identifier: Apache-2.0
"""What trowel says of its own progress, against what then happened: the ETA, and the cores that the sweep used."""
import json
import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass

import measure

TICK = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.05
BEFORE = ("open", "walk")  # phases before the sweep
SERIAL_CORES = 1.3  # below this, one thread has work and the others have next to none
SERIAL_WINDOW_S = 0.3
FROM = 0.1  # of the sweep
LAST_S = 1.0  # the sweep's last second: what the books cost is a large part of it, and nobody asks


@dataclass
class Watch:
	end: float  # seconds since the start, as every time here
	lines: list  # (time, object)
	cpu: list  # (time, CPU seconds so far)


def cpu_of(pid):
	"""CPU seconds of the tree under pid, and of those of its children that have ended."""
	total = 0
	for p in measure.tree(pid):
		try:
			with open(f"/proc/{p}/stat") as f:
				fields = f.read().rsplit(")", 1)[1].split()
		except OSError:
			continue
		total += sum(map(int, fields[11:15] if p == pid else fields[11:13]))
	return total / TICK


def watch(cmd, env, cwd):
	"""Run cmd, which writes its progress as JSON lines on standard error."""
	lines, cpu, start = [], [], time.monotonic()
	with subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
		env=env, cwd=cwd) as p:
		def listen():
			for line in p.stderr:
				if line.startswith("{"):
					lines.append((time.monotonic() - start, json.loads(line)))
		listener = threading.Thread(target=listen)
		listener.start()
		while p.poll() is None:
			cpu.append((time.monotonic() - start, cpu_of(p.pid)))
			time.sleep(SAMPLE_S)
		end = time.monotonic() - start
		listener.join()
	return Watch(end, lines, cpu)


def sweep_times(w):
	"""When the sweep began and ended, or None."""
	begin = next((t for t, x in w.lines if x["phase"] not in BEFORE), None)
	if begin is None:
		return None
	end = next((t for t, x in w.lines if t > begin and x["phase"] != "sweep"), w.end)
	return begin, end


def rate(samples):
	(t0, c0), (t1, c1) = samples[0], samples[-1]
	return (c1 - c0) / (t1 - t0) if t1 > t0 else 0.0


def serial_from(samples):
	"""The time from which on no more than one core was in use, or None where there never was more."""
	n = round(SERIAL_WINDOW_S / SAMPLE_S)
	for i in range(len(samples) - 1, n - 1, -1):
		if rate(samples[i - n:i + 1]) > SERIAL_CORES:
			return samples[i][0]
	return None


def cores_text(w):
	times = sweep_times(w)
	samples = [s for s in w.cpu if times and times[0] <= s[0] <= times[1]]
	if len(samples) < 10:
		return "cores in the sweep: it was too short to tell"
	serial = serial_from(samples)
	if serial is None:
		return f"cores in the sweep: {rate(samples):.2f}, never more than {SERIAL_CORES} (aim >= 1.85)"
	busy = [s for s in samples if s[0] <= serial]
	return (f"cores in the sweep: {rate(busy):.2f} in the {serial - times[0]:.1f} s until one thread alone has work"
		f" (aim >= 1.85), {rate(samples):.2f} in all {times[1] - times[0]:.1f} s")


def eta_errors(w):
	"""|ETA - time to the end| as a share of the latter, at each line past a tenth of the sweep."""
	times = sweep_times(w)
	errors = []
	for t, x in w.lines:
		left = w.end - t
		swept = x["bytes_total"] > 0 and x["bytes_done"] >= FROM * x["bytes_total"]
		if times and t >= times[0] and swept and left >= LAST_S:
			errors.append(abs(x["eta_seconds"] - left) / left if x["eta_seconds"] is not None else 1.0)
	return errors


def eta_text(w):
	errors = eta_errors(w)
	if not errors:
		return "ETA: no line between a tenth of the sweep and its last seconds"
	return (f"ETA: wrong by {statistics.median(errors):.0%} (median), {max(errors):.0%} (worst of {len(errors)} lines)"
		f" from a tenth of the sweep until {LAST_S} s before the end (aim <= 20%)")
