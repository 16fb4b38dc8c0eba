#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets are joined and compared; a known-good set can't be made of one that isn't.
. "$(dirname "$0")/lib.sh"
printf '%s\n' 0cc175b9c0f1b6a831c399e269772661 92eb5ffee6ae2fec3ad71c777531578f >a.txt
printf '%s\n' 92eb5ffee6ae2fec3ad71c777531578f 4a8a08f09d37b73795649038408b5f33 >b.txt
expect_exit 0 trowel set import -q -c alert -o a.tset a.txt
expect_exit 0 trowel set import -q -c alert -o b.tset b.txt
expect_exit 0 trowel set import -q -c triage -o c.tset b.txt
expect_exit 0 trowel set merge -o ab.tset --name both a.tset b.tset
grep -q 'ab.tset: 3 entries of 4 in 2 sets, 1 were there twice' out || fail "$(cat out)"
expect_exit 0 trowel set verify ab.tset
expect_exit 0 trowel set diff -l a.tset ab.tset
grep -q '^+	md5=4a8a08f09d37b73795649038408b5f33$' out || fail "$(cat out)"
grep -q '^2 same, 0 removed (0 of them' out || fail "$(cat out)"
expect_exit 2 trowel set merge -o ac.tset a.tset c.tset
expect_err 'say what both are with --class'
expect_exit 2 trowel set merge -c known-good -o ac.tset a.tset c.tset
expect_exit 0 trowel set merge -c triage -o ac.tset a.tset c.tset
expect_exit 0 trowel set info ac.tset
grep -q 'merged' out || fail "$(cat out)"
# A set may replace one that is not among those that it is made of.
expect_exit 2 trowel set merge -o a.tset a.tset b.tset
expect_err 'a.tset: is the input a.tset, and never replaced'
expect_exit 0 trowel set merge -o c.tset a.tset b.tset
expect_exit 0 trowel set diff c.tset ab.tset
grep -q '^3 same, 0 removed .* 0 added' out || fail "$(cat out)"
