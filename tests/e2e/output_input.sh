#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes with an input is an input: segments, side files of a SQLite list, files of a feed, standard input, the images on record in
# a database. Each is small and of no known kind here, so that nothing but this protects it.
. "$(dirname "$0")/lib.sh"
echo 0cc175b9c0f1b6a831c399e269772661 >a.md5
trowel set import -q -o a.tset a.md5

# refused FILE PATTERN ARGUMENT...: set import with the arguments.
refused()
{
	file=$1 pattern=$2
	shift 2
	before=$(digest_of sha256sum "$file")
	expect_exit 2 trowel set import -q --force -o "$file" "$@"
	expect_err "$file: is $pattern, and never replaced"
	[ "$(digest_of sha256sum "$file")" = "$before" ] || fail "$file was changed"
}

for n in 1 2 3; do echo "$n" >"split.00$n"; done
refused split.003 'a segment of split.001' split.001
echo x >set.E01
echo y >set.E07
refused set.E07 'a segment of set.E01' set.E01
echo x >raw.aa
echo y >raw.ab
refused raw.ab 'a segment of raw.aa' raw.aa

# Letters that only look like a number are no segment.
cp a.md5 list.txt
echo x >list.csv
expect_exit 0 trowel set import -q --force -o list.csv list.txt

sqlite3 list.db 'CREATE TABLE t (a); PRAGMA journal_mode = WAL' >mode
for suffix in wal journal shm; do
	echo x >"list.db-$suffix"
	expect_exit 2 trowel set import -q --force -o "list.db-$suffix" list.db
	expect_err "list.db-$suffix: "
	rm "list.db-$suffix"
	expect_exit 2 trowel set export -f csv -o "list.db-$suffix" a.tset
	expect_err 'would be taken for a part of the database'
	[ ! -e "list.db-$suffix" ] || fail "it was written"
done
echo x >list.db-wal
ln list.db-wal notes
refused notes 'a side file of list.db' list.db
rm list.db-wal

mkdir feed
echo '{}' >feed/manifest.json
echo x >feed/extra
refused feed/extra 'a file of feed' feed

cp a.md5 piped
# shellcheck disable=SC2094 # on purpose
expect_exit 2 trowel set import -q --force -o piped - <piped
expect_err 'piped: is the input -'

# A database names its image as it was given, and the image may have moved along with it.
truncate -s 256K small.img
mke2fs -q -F -t ext2 -N 32 -U "$UUID" small.img
trowel index -q small.img -o case.db || [ $? -eq 1 ]
refused small.img 'an image on record in case.db' a.md5 case.db
mkdir moved
mv small.img case.db moved
refused moved/small.img 'an image on record in moved/case.db' a.md5 moved/case.db
