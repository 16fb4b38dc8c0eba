#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ls --hits lists the files that sets have, alerts first, each hit once, and no name of a list can forge a column.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
tab=$(printf '\t')
{
	chaff 10
	row_of tree/file2.dat 2 other
	row_of tree/file4.dat 1 "a;alert:b${tab}c\\"
	echo "$(digest_of md5sum tree/file6.dat),,$(printf twin | sha256sum | cut -d ' ' -f 1),,1,twin"
} | make_set list.tset triage 7
row_of tree/file4.dat '' fine | make_set good.tset known-good ''

expect_exit 0 trowel index disk.img -o case.db
expect_exit 0 trowel ls --hits case.db
[ ! -s out ] || fail "hits without a set: $(cat out)"
for i in 1 2; do
	expect_exit 0 trowel match case.db --set list.tset --set good.tset --alert TEST:1
done
expect_exit 0 trowel ls --hits case.db
cut -f 5- out >got
cat >wanted <<'END'
/file4.dat	alert:list list.tset:7:a\x3balert\x3ab\x09c\x5c;known:list good.tset::fine
/file2.dat	match:list list.tset:7:other
/file6.dat	conflict:list list.tset:7:twin
END
diff -u wanted got || fail "other hits"
expect_exit 0 trowel ls --hits --null --path '/file[24].dat' case.db
tr '\0' '\n' <out | cut -f 5- >got
head -n 2 wanted | diff -u - got || fail "other hits with --path and --null"

# Another policy is another hit; both are shown.
expect_exit 0 trowel match case.db --set list.tset --alert TEST:2
expect_exit 0 trowel ls --hits -p /file2.dat case.db
[ "$(cut -f 6 out)" = 'alert:list list.tset:7:other;match:list list.tset:7:other' ] || fail "not both: $(cat out)"
expect_exit 0 trowel ls --hits --json -p /file4.dat case.db
python3 - <<'END' || fail "not that object: $(cat out)"
import json
row, = [json.loads(line) for line in open("out", encoding="utf-8")]
assert row["path"] == "/file4.dat"
agreed = "md5+sha1+sha256"
one = dict(set="list list.tset", version="7", entry="a;alert:b\tc\\", verdict="match", agreed=agreed, scheme="TEST",
	category="1", marks="tlp:amber", alert=True, known=False)
assert row["hits"][0] == one, row
assert row["hits"][1]["known"] and row["hits"][1]["category"] is None and row["hits"][1]["entry"] == "fine", row
assert row["hits"][2] == {**one, "alert": False}, row
assert len(row["hits"]) == 3, row
END
