#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A list becomes a set: what is wrong in it is told by line and reason, and an old set stays when it fails.
. "$(dirname "$0")/lib.sh"
cat >list.txt <<'END'
# a comment
0cc175b9c0f1b6a831c399e269772661
92eb5ffee6ae2fec3ad71c777531578
4A8A08F09D37B73795649038408B5F33
d41d8cd98f00b204e9800998ecf8427e
0cc175b9c0f1b6a831c399e269772661
8277e0910d750195b448797616e091ad
END
expect_exit 1 trowel set import -o list.tset --name abc --list-version 7 --class alert list.txt
expect_err 'list.txt: line 3 rejected: 31 hex digits'
grep -q 'list.tset: alert, 3 entries' out || fail "$(cat out)"
grep -q '1 dropped: digests that any disk has' out || fail "$(cat out)"
grep -q '1 were there already' out || fail "$(cat out)"
if grep -q 92eb5ffee6ae2fec3ad71c777531578 out err; then fail "a value of the list was shown"; fi
expect_exit 0 trowel set verify list.tset

# The same entries in another order and with other options of speed: the same bytes.
sort -r list.txt >sorted.txt
expect_exit 1 trowel set import -q -m 16M -o second.tset --name abc --list-version 7 --class alert sorted.txt
expect_exit 0 trowel set diff list.tset second.tset
grep -q '^3 same, 0 removed' out || fail "$(cat out)"
[ "$(trowel set info list.tset | grep identity)" = "$(trowel set info second.tset | grep identity)" ] ||
	fail "the identity depends on the order of the list"

cp list.tset before
expect_exit 3 trowel set import -q --strict -o list.tset list.txt
cmp list.tset before
expect_exit 3 trowel set import -q --max-rejected 10 -o list.tset list.txt
cmp list.tset before
head -c 100000 /dev/urandom >binary.bin
expect_exit 2 trowel set import -q -o list.tset binary.bin
expect_err 'binary.bin'
printf 'd41d8cd98f00b204e9800998ecf8427e\n' >nothing.txt
expect_exit 2 trowel set import -q -o list.tset nothing.txt
cmp list.tset before
expect_exit 3 trowel set import -q -o list.tset no-such-file
expect_exit 2 trowel set import -q -f no-such-format -o list.tset list.txt
expect_exit 2 trowel set import -q list.txt
for file in .[!.]*; do
	[ ! -e "$file" ] || fail "$file was left behind"
done
