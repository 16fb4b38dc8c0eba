#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A new version of a list is a session of its own; what earlier ones found stays. Only declared alert sets alert by themselves.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
row_of tree/file4.dat '' a | make_set old.tset alert 1
{
	row_of tree/file4.dat '' a
	row_of tree/file6.dat '' b
} | make_set new.tset alert 2
chaff 10 | make_set none.tset triage 1

expect_exit 0 trowel index disk.img -o case.db --set old.tset
before=$(trowel digest case.db)
hits_of case.db >before.hits
expect_exit 0 trowel match case.db --set none.tset --set new.tset
[ "$(trowel digest case.db)" != "$before" ] || fail "the digest does not cover the session"
expect_exit 0 trowel verify case.db
expect_sql "1|list old.tset|1|1|1
2|list new.tset|2|2|2
2|list none.tset|1|0|0" case.db "SELECT session_id, set_name, set_version, matches, alerts FROM report_sessions
	ORDER BY session_id, set_name"
sql case.db "SELECT path, set_name, set_version, set_class, scheme, category, verdict, agreed, alert, excluded, entry,
	entry_row, entry_size, marks, properties FROM report_hits WHERE session_id = 1" >after.hits
diff -u before.hits after.hits || fail "the first session is another"

# Images that are added get a session with their sets; it says which files it looked at.
expect_exit 0 trowel index --add disk.img -o case.db --set new.tset
expect_exit 0 trowel verify case.db
expect_sql "3|2|0" case.db "SELECT session_id, count(*), sum(image_id <> 2) FROM report_hits WHERE session_id = 3"
expect_sql 1 case.db "SELECT first_file = (SELECT min(file_id) FROM report_files WHERE image_id = 2)
	AND last_file = (SELECT max(file_id) FROM report_files) FROM report_sessions WHERE session_id = 3"
expect_sql 3 case.db "SELECT count(*) FROM report_sets"
