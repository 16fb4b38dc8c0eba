# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Helpers of the tests that match against hash sets. Source it after lib.sh.

# make_set SET CLASS VERSION: of lines MD5,SHA1,SHA256,SIZE,CATEGORY,NAME on standard input, in scheme TEST.
make_set()
{
	{
		echo md5,sha1,sha256,size,category,name
		cat
	} >"$1.csv"
	trowel set import --quiet --class "$2" --name "list $1" --list-version "$3" --mark tlp:amber --names \
		--format csv --map md5=1,sha1=2,sha256=3,size=4,category=5,name=6,scheme=TEST -o "$1" "$1.csv" ||
		fail "no set $1"
}

# row_of FILE CATEGORY NAME: the line of a file for make_set.
row_of()
{
	echo "$(digest_of md5sum "$1"),$(digest_of sha1sum "$1"),$(digest_of sha256sum "$1"),$(wc -c <"$1" | tr -d ' '),$2,$3"
}

# chaff N: N lines for make_set that nothing hits.
chaff()
{
	seq "$1" | while read -r i; do
		printf '%032x,%040x,%064x,,9,\n' "$((i + 1000))" "$((i + 1000))" "$((i + 1000))"
	done
}

# The hits of a database, as lines that do not depend on the session.
hits_of()
{
	sql "$1" "SELECT path, set_name, set_version, set_class, scheme, category, verdict, agreed, alert, excluded, entry,
		entry_row, entry_size, marks, properties FROM report_hits ORDER BY path, set_name, entry_row"
}
