#!/bin/sh
# The problem codes of the sources are those of trowel-db(5). In these layers a code is the one kind of string that is
# lower-case words with hyphens between them.
set -eu
work=$PWD
cd "$SOURCE"
find src/evidence src/image src/index src/walk -name '*.c' ! -path 'src/walk/main/*' \
	-exec grep -ohE '"[a-z]+(-[a-z]+)+"' {} + | tr -d '"' | sort -u >"$work/written"
sed -n '/^\.Sh PROBLEM CODES/,/^\.Sh LEDGER/p' man/trowel-db.5 |
	sed -n 's/^\.It Sy //p' | tr -s ' ,' '\n' |
	grep -xE '[a-z]+(-[a-z]+)+' | sort -u >"$work/documented"
[ -s "$work/written" ] && diff -u "$work/documented" "$work/written"
