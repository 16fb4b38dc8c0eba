#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who matched, and where, is on record, outside of the canonical digest, and can't be changed unnoticed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
row_of tree/file4.dat 1 a | make_set list.tset triage 1
expect_exit 0 trowel index disk.img -o case.db --set list.tset --examiner 'A. Example'
cp case.db other.db
expect_exit 0 trowel match case.db --set list.tset --examiner 'B. Example'
expect_exit 0 trowel match other.db --set list.tset
host=$(uname -n)
expect_sql "1|A. Example|$host
2|B. Example|$host" case.db "SELECT session_id, examiner, host FROM report_sessions ORDER BY session_id"
expect_sql "|$host" other.db "SELECT examiner, host FROM report_sessions WHERE session_id = 2"
[ "$(trowel digest case.db)" = "$(trowel digest other.db | sed 's/other/case/')" ] || fail "the digest depends on the examiner"
expect_exit 0 trowel info case.db
grep -qF "  2: complete, trowel " out || fail "no session: $(cat out)"
grep -qF "examiner B. Example, host $host" out || fail "not who: $(cat out)"
expect_exit 0 trowel verify case.db
sqlite3 case.db "UPDATE match_session SET examiner = 'C. Example' WHERE session_id = 2"
expect_exit 1 trowel verify case.db
expect_exit 3 trowel match case.db --set list.tset
expect_err 'table match_session is not what the audit chain says'
