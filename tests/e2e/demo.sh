#!/bin/sh
# An undamaged image with two file systems: every file with its digests, status 0, and a database that verifies.
. "$(dirname "$0")/lib.sh"
image=$FIXTURES/demo.dd

expect_exit 0 trowel index "$image" -o case.db --progress none
expect_exit 0 trowel verify case.db --image "$image"
expect_sql "2" case.db "SELECT count(DISTINCT filesystem_id) FROM report_files"
expect_sql "0" case.db "SELECT count(*) FROM report_problems"
expect_sql "c0f55e2fbf4a3ec35633d1ac520a7e33|complete" case.db \
	"SELECT md5, digest_state FROM report_files WHERE path = '/documents/table.csv'"
expect_sql "c0f55e2fbf4a3ec35633d1ac520a7e33" case.db "SELECT md5 FROM report_files WHERE path = '/table-2.csv'"
expect_sql "deleted" case.db "SELECT state FROM report_files WHERE path = '/draft.txt'"
expect_sql "allocated" case.db "SELECT state FROM report_files WHERE path = '/empty.txt' AND size = 0"

id=$(sqlite3 case.db "SELECT file_id FROM report_files WHERE path = '/documents/letter.txt'")
expect_exit 0 trowel cat case.db "$id"
[ "$(cat out)" = 'Meet me at the old lock at nine.' ] || fail "trowel cat"

expect_exit 0 trowel ls case.db --path '*/letter.txt' --json
grep -q '"path":"/documents/letter.txt"' out || fail "trowel ls --json"
expect_exit 0 trowel ls case.db --state deleted
grep -q '/draft.txt$' out || fail "trowel ls --state"
expect_exit 0 trowel info case.db
grep -q 'demo.dd, raw, 13,631,488 bytes' out || fail "trowel info"

expect_exit 2 trowel index "$image" -o case.db
expect_err case.db
