#!/bin/sh
# The problem codes of trowel-db(5), with stage and severity, are those of record/codes.h, and each of them is posted.
set -eu
work=$PWD
cd "$SOURCE"
sed -n 's/^\tC(\([A-Z_]*\), "\([a-z-]*\)", \([A-Z]*\), \([A-Z]*\)).*/\1 \2 \3 \4/p' src/record/codes.h >"$work/table"
[ -s "$work/table" ]
tr '[:upper:]' '[:lower:]' <"$work/table" | cut -d ' ' -f 2- | sed 's/ none / any /' | sort >"$work/written"
# .It Sy word , word Pq stage , severity
sed -n '/^\.Sh PROBLEM CODES/,/^\.Sh LEDGER/p' man/trowel-db.5 | awk '/^\.It Sy /{
	head = $0; sub(/^\.It Sy /, "", head)
	tail = head; sub(/ Pq .*/, "", head); sub(/.* Pq /, "", tail); sub(/ , /, " ", tail)
	n = split(head, words, / , /)
	for (i = 1; i <= n; i++) print words[i], tail }' | sort >"$work/documented"
diff -u "$work/documented" "$work/written"
status=0
while read -r constant _; do
	grep -rqw "TRW_CODE_$constant" src || {
		echo "TRW_CODE_$constant is never posted"
		status=1
	}
done <"$work/table"
exit $status
