#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The views of a fresh database and their columns, in order, are those that trowel-db(5) documents.
set -eu
page=$SOURCE/man/trowel-db.5

truncate -s 65536 empty.img
"$TROWEL" index empty.img -o case.db >out 2>&1 || [ $? -eq 1 ] || {
	cat out
	exit 1
}
sqlite3 -batch -separator ' ' "file:case.db?mode=ro" "SELECT v.name, c.name FROM sqlite_master AS v,
	pragma_table_info(v.name) AS c WHERE v.type = 'view' ORDER BY v.name, c.cid" >schema
# .Ss report_files, then .Sy file_id for each column
awk '/^\.S[hs] /{ view = $1 == ".Ss" && $2 ~ /^report_/ ? $2 : "" }
	/^\.Sy /{ if (view != "") print view, $2 }' "$page" | sort -s -k1,1 >documented
[ -s schema ] || {
	echo "the database has no views"
	exit 1
}
if ! diff -u documented schema; then
	echo "$page: views or columns differ from those of a fresh database"
	exit 1
fi
