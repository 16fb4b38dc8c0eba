#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A hit that was taken out of the database does not become right by images that are added: they are not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_ext4 disk.img
row_of tree/file4.dat 1 a | make_set list.tset triage 1
expect_exit 0 trowel index disk.img -o case.db --set list.tset
for change in "DELETE FROM hit; DELETE FROM set_entry; UPDATE session_set SET n_match = 0" \
	"UPDATE content SET md5 = zeroblob(16) WHERE file_id = 5" "UPDATE run SET examiner = 'somebody'"; do
	cp case.db changed.db
	sqlite3 changed.db "$change"
	expect_exit 3 trowel index --add disk.img -o changed.db
	expect_err 'changed.db: is not what the audit chain says'
	expect_sql 1 changed.db "SELECT count(*) FROM report_runs"
	expect_exit 1 trowel verify changed.db
done
expect_exit 0 trowel match case.db --set list.tset
expect_exit 0 trowel index --add disk.img -o case.db
expect_exit 0 trowel verify case.db
