#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A set is replaced by a set; anything else only with --force. The new file is its owner's alone, and a link to the old one stays.
. "$(dirname "$0")/lib.sh"
echo 0cc175b9c0f1b6a831c399e269772661 >a.md5
echo 92eb5ffee6ae2fec3ad71c777531578f >b.md5
trowel set import -q -o a.tset a.md5
trowel set import -q -o b.tset b.md5
[ "$(stat -c %a a.tset)" = 600 ] || fail "mode of a set: $(stat -c %a a.tset)"

# A set over a set.
ln -s a.tset current.tset
expect_exit 0 trowel set import -q -o current.tset b.md5
[ -L current.tset ] || fail "the symbolic link is gone"
cmp -s a.tset b.tset || fail "the set behind the link is not the new one"

# A set over something else, and an export over anything.
echo text >notes
expect_exit 2 trowel set import -q -o notes a.md5
expect_err 'notes: exists already, and is no set' '--force'
expect_exit 0 trowel set import -q --force -o notes a.md5
expect_exit 0 trowel set verify notes
expect_exit 0 trowel set export -f csv -o out.csv a.tset
[ "$(stat -c %a out.csv)" = 600 ] || fail "mode of an export: $(stat -c %a out.csv)"
expect_exit 2 trowel set export -f csv -o out.csv a.tset
expect_err 'out.csv: exists already' '--force'
expect_exit 0 trowel set export -f csv -o out.csv --force a.tset
expect_exit 2 trowel set export -f csv -o b.tset a.tset
expect_exit 0 trowel set export -f csv -o b.tset --force a.tset
cmp -s b.tset out.csv || fail "not replaced"

# A link that leads nowhere, a pipe, a device, a folder.
ln -s nowhere dangling
mkfifo pipe
mkdir folder
for place in dangling pipe /dev/null folder; do
	for force in '' --force; do
		# shellcheck disable=SC2086 # none or one
		expect_exit 2 trowel set export -f csv -o "$place" $force a.tset
		expect_err "$place: "
		# shellcheck disable=SC2086
		expect_exit 2 trowel set import -q -o "$place" $force a.md5
		expect_err "$place: "
	done
done
for test in '! -e nowhere' '-p pipe' '-c /dev/null'; do
	# shellcheck disable=SC2086 # words
	[ $test ] || fail "something was written: not $test"
done

# Standard output where it can hold what is written.
expect_exit 0 trowel set export -f csv -o - a.tset
cmp -s out out.csv || fail "standard output differs"
for command in 'import -q' merge; do
	# shellcheck disable=SC2086 # words
	expect_exit 2 trowel set $command -o - a.tset
	expect_err 'standard output'
done
before=$(digest_of sha256sum a.tset)
status=0
# shellcheck disable=SC2094 # on purpose
trowel set export -f csv -o - a.tset >>a.tset 2>err || status=$?
[ "$status" -eq 2 ] || fail "exit $status"
expect_err 'standard output'
[ "$(digest_of sha256sum a.tset)" = "$before" ] || fail "the set was written to"
