#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verify finds a digest, a problem or an audit row that was changed after the run.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o good.db
expect_exit 0 trowel verify good.db
tamper()
{
	cp good.db case.db
	python3 -c 'import sqlite3, sys
con = sqlite3.connect(sys.argv[1])
n = con.execute(sys.argv[2]).rowcount
con.commit()
sys.exit(n < 1)' case.db "$1" || fail "nothing was changed: $1"
	expect_exit 1 trowel verify case.db
	[ -s out ] || [ -s err ] || fail "nothing is said: $1"
}
tamper "UPDATE content SET sha256 = zeroblob(32) WHERE file_id = (SELECT min(file_id) FROM content WHERE state = 0)"
tamper "UPDATE file SET path = '/other' WHERE path = '/file6.dat'"
tamper "DELETE FROM content WHERE file_id = (SELECT max(file_id) FROM content)"
tamper "UPDATE audit SET detail = detail || 'x' WHERE seq = 1"
tamper "UPDATE ledger SET bytes = bytes + 1 WHERE outcome = (SELECT min(outcome) FROM ledger WHERE bytes > 0)"
