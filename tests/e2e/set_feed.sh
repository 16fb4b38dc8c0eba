#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A MISP feed is what its manifest lists: an event that is missing, or another than the one listed, fails the import; one that has left the feed
# is left behind.
. "$(dirname "$0")/lib.sh"
mkdir feed
event() {
	printf '{"Event": {"uuid": "%s", "Attribute": [{"uuid": "a%s", "type": "md5", "value": "%s"}]}}' "$1" "$1" \
		"$(printf '%s' "$1" | md5sum | cut -c1-32)" >"feed/$1.json"
}
printf '{"1": {"info": "x", "Tag": [{"name": "tlp:red"}]}, "2": {"Orgc": {"name": "y"}}}' >feed/manifest.json
event 1
event 3
expect_exit 3 trowel set import -o feed.tset feed
expect_err 'feed: 1 of the 2 events of its manifest.json are not there'
[ ! -e feed.tset ] || fail "a part of a feed became a set"
event 2
expect_exit 0 trowel set import -o feed.tset feed
grep -q 'feed.tset: triage, 2 entries' out || fail "$(cat out)"
grep -q 'left behind: 1 files that the manifest of the feed does not list' out || fail "$(cat out)"
integrity() {
	printf '{"1": {"info": "x", "integrity:sha256": null}, "2": {"integrity:sha256": "%s"}}' "$1" >feed/manifest.json
}
integrity "$(digest_of sha256sum feed/2.json | tr a-f A-F)"
expect_exit 0 trowel set import -o feed.tset feed
cp feed.tset older.tset
integrity "$(digest_of sha256sum feed/1.json)"
expect_exit 3 trowel set import -o feed.tset feed
expect_err 'feed/2.json: not the file whose SHA-256 the manifest of the feed has'
integrity xyz
expect_exit 3 trowel set import -o feed.tset feed
expect_err 'feed/manifest.json: the integrity:sha256 of 2.json is no SHA-256'
cmp feed.tset older.tset || fail "a feed that is not what its manifest says changed the set"
printf '{"1": {"info": "x"}, "2"' >feed/manifest.json
expect_exit 3 trowel set import -o feed.tset feed
expect_err 'feed/manifest.json: byte'
rm feed/manifest.json
expect_exit 2 trowel set import -o feed.tset feed
expect_err 'without the manifest.json'
