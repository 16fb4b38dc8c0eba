#!/bin/sh
# Help and version go to standard output with status 0; output that can't be written is a failure.
. "$(dirname "$0")/lib.sh"

expect_exit 0 trowel --version
grep -q '^trowel [0-9]' out || fail "no version"
expect_exit 0 trowel help
for command in index info ls cat verify digest; do
	grep -q "^  $command " out || fail "help does not list $command"
done
expect_exit 0 trowel index -h
cp out direct
expect_exit 0 trowel help index
cmp -s direct out || fail "'help index' and 'index -h' differ"

got=0
trowel help >/dev/full 2>err || got=$?
[ "$got" -eq 3 ] || fail "status $got on a full disk"
expect_err "standard output: No space left"
