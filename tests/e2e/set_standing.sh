#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An alert or triage list that leaves in a format of known files comes back with its digests, but never as known good.
. "$(dirname "$0")/lib.sh"
echo a >a
echo b >b
{
	echo md5,sha1,size
	for file in a b; do
		echo "$(digest_of md5sum $file),$(digest_of sha1sum $file),2"
	done
} >list.csv

# digests SET: of its entries, one a line.
digests()
{
	trowel set export -f csv -o - "$1" | cut -d, -f1-2
}

for class in alert triage; do
	for format in hashlookup nsrl-v2; do
		expect_exit 0 trowel set import -q -c "$class" -o list.tset list.csv
		expect_exit 0 trowel set export -f "$format" --force -o "list.$format" list.tset
		expect_exit 0 trowel set import -q -c "$class" -o back.tset "list.$format"
		[ "$(digests list.tset)" = "$(digests back.tset)" ] || fail "$format changed the digests"
		expect_exit 2 trowel set import -q -c known-good -o good.tset "list.$format"
	done
done
