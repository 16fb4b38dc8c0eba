#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A set that is foreign, cut or has a flipped bit is refused with one line, by every command that uses it.
. "$(dirname "$0")/lib.sh"
python3 -c 'import hashlib
for i in range(5000): print(hashlib.md5(b"%d" % i).hexdigest())' >list.txt
expect_exit 0 trowel set import -q -o good.tset list.txt
size=$(wc -c <good.tset)
flip() {
	cp good.tset bad.tset
	python3 - "$1" <<'PYTHON'
import sys
with open("bad.tset", "r+b") as f:
	f.seek(int(sys.argv[1]))
	byte = f.read(1)[0]
	f.seek(int(sys.argv[1]))
	f.write(bytes([byte ^ 0x10]))
PYTHON
}
refused() {
	for command in info verify 'lookup 0cc175b9c0f1b6a831c399e269772661 -s' 'export -f plain' 'diff good.tset' 'merge -o m.tset'; do
		# shellcheck disable=SC2086 # words on purpose
		expect_exit 3 trowel set $command bad.tset
		expect_err 'bad.tset'
	done
	[ ! -e m.tset ] || fail "a set was made of a damaged one"
}
for at in 0 9 40 200 1500 4095 4096 50000 $((size - 1)); do
	flip "$at"
	refused
done
for length in 0 7 4095 4096 50000 $((size - 1)); do
	head -c "$length" good.tset >bad.tset
	refused
done
cp list.txt bad.tset
refused
cp good.tset bad.tset
printf x >>bad.tset
refused
