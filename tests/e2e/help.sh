#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command has a help on standard output, and --version is one line.
. "$(dirname "$0")/lib.sh"
expect_exit 0 trowel --version
[ "$(wc -l <out)" -eq 1 ] || fail "not one line: $(cat out)"
expect_exit 0 trowel --help
for command in index info ls cat verify digest; do
	grep -qw "$command" out || fail "$command is not in the help"
done
for command in index info ls cat verify digest; do
	expect_exit 0 trowel "$command" --help
	grep -q "usage: trowel $command" out || fail "no usage line: $(cat out)"
	[ ! -s err ] || fail "help on stderr"
done
