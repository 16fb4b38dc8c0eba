#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Digests are looked up from arguments and standard input, as text and as JSON; all digests of a record answer.
. "$(dirname "$0")/lib.sh"
md5=0cc175b9c0f1b6a831c399e269772661
sha1=86f7e437faa5a7fce15d1ddcb9eaeaea377667b8
other=ffffffffffffffffffffffffffffff01
cat >list.csv <<END
md5,sha1,name,category
$md5,$sha1,a.bin,3
92eb5ffee6ae2fec3ad71c777531578f,,b.bin,
END
expect_exit 0 trowel set import -q --names --map 'md5=md5,sha1=sha1,name=name,category=category,scheme=UK' -o l.tset list.csv
expect_exit 0 trowel set lookup -s l.tset $sha1 $other
[ "$(wc -l <out)" -eq 2 ] || fail "$(cat out)"
grep -q "^$sha1	l.tset	triage	entry=.*md5=$md5	.*category=UK:3	name=a.bin" out || fail "$(cat out)"
grep -q "^$other	-\$" out || fail "$(cat out)"
printf '%s\n# comment\n\n  %s  \n' "$(echo $md5 | tr a-f A-F)" $other >questions
expect_exit 0 trowel set lookup --json -s l.tset <questions
python3 - out <<'PYTHON' || fail "$(cat out)"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert len(rows) == 2, rows
assert rows[0]["hits"][0]["category"] == "3" and rows[0]["hits"][0]["scheme"] == "UK", rows
assert rows[0]["kind"] == "md5" and rows[1]["hits"] == [], rows
PYTHON
echo "no digest" >questions
expect_exit 2 trowel set lookup -s l.tset <questions
expect_err 'line 1 is no digest'
expect_exit 2 trowel set lookup $md5
expect_exit 3 trowel set lookup -s no-such-set $md5
# A property that an entry has twice keeps both values.
printf 'md5,tags,tags,series\n%s,x,"y ""z""",s\n' $md5 >tags.csv
expect_exit 0 trowel set import -q -o tags.tset tags.csv
expect_exit 0 trowel set lookup --json -s tags.tset $md5
python3 - out <<'PYTHON' || fail "$(cat out)"
import json, sys
hit = json.load(open(sys.argv[1]))["hits"][0]
assert hit["properties"] == {"series": "s", "tags": ["x", 'y "z"']}, hit
PYTHON
# What cannot be read is an error, and no end of the questions. (Not under sanitizers, which need the address space.)
limited()
{
	(
		# shellcheck disable=SC3045 # dash and bash have it
		ulimit -v 150000
		trowel "$@"
	)
}
echo $md5 >questions
if limited set lookup -s l.tset <questions >out 2>err; then
	{
		echo $md5
		head -c 160000000 /dev/zero | tr '\0' a
		printf '\n%s\n' $md5
	} >questions
	expect_exit 3 limited set lookup -s l.tset <questions
	expect_err 'standard input: line 2: '
fi
