#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sweep reads every byte of an image once, in ascending order: no backward seek, and with all that comes before it
# no more than 1.02 times the size of the files.
. "$(dirname "$0")/lib.sh"
make_large disk.img
ewfacquire -u -q -c fast -t disk -o 0 -B "$(wc -c <disk.img)" -S 20MiB disk.img >ewf.out 2>&1
export ASAN_OPTIONS=detect_leaks=0 # which needs to trace, and only one can
strace -o probe true 2>strace.err || skip "strace cannot trace here"

for image in disk.img disk.E01; do
	rm -rf trace case.db
	mkdir trace
	expect_exit 0 strace -f -ff -y -qq -e trace=pread64,execve -o trace/t "$TROWEL" index "$image" -o case.db --jobs 2
	python3 - "${image%.*}" "${image##*.}" <<'PYTHON' || fail "$image: see above"
import glob, os, re, sys
stem, kind = sys.argv[1:]
files = ["disk.img"] if kind == "img" else sorted(glob.glob("disk.E??"))
start, size = {}, 0
for name in files:
	start[os.path.realpath(name)] = size
	size += os.path.getsize(name)
call = re.compile(r"pread64\(\d+<([^>]*)>.*, (\d+)\) += (\d+)$")
total, sweep = 0, []
for name in glob.glob("trace/t.*"):
	text = open(name, errors="replace").read()
	if "trowel-worker" in text:
		continue  # the walk, in a process of its own
	reads = [(start[m[1]] + int(m[2]), int(m[3])) for m in map(call.match, text.splitlines()) if m and m[1] in start]
	total += sum(n for _, n in reads)
	if sum(n for _, n in reads) > sum(n for _, n in sweep):
		sweep = reads
backward = sum(b < a + n for (a, n), (b, _) in zip(sweep, sweep[1:]))
print(f"{stem}.{kind}: {len(sweep)} reads in the sweep, {backward} backward, {total / size:.4f} of the size in all")
assert backward == 0 and total <= 1.02 * size and sum(n for _, n in sweep) >= 0.9 * size
PYTHON
done
