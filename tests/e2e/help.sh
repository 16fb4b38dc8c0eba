#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command has a help on standard output, and --version is one line.
. "$(dirname "$0")/lib.sh"
expect_exit 0 trowel --version
[ "$(wc -l <out)" -eq 1 ] || fail "not one line: $(cat out)"
expect_exit 0 trowel --help
for command in index info ls cat verify match digest set; do
	grep -qw "$command" out || fail "$command is not in the help"
done
for command in index info ls cat verify match digest set; do
	expect_exit 0 trowel "$command" --help
	grep -q "usage: trowel $command" out || fail "no usage line: $(cat out)"
	[ ! -s err ] || fail "help on stderr"
done
for part in import export info lookup diff merge verify; do
	expect_exit 0 trowel set "$part" --help
	grep -q "usage: trowel set $part" out || fail "no usage line: $(cat out)"
	expect_exit 0 trowel help set "$part"
done
expect_exit 2 trowel set
expect_err 'trowel set -h'
expect_exit 2 trowel set no-such-command
