#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ISO 9660: a file of several extents is one stream, and a file that starts inside one of them has content of its own.
. "$(dirname "$0")/lib.sh"
PYTHONPATH="$SOURCE/fixtures" python3 - <<'PYTHON'
import iso_multi_extent as iso

at = iso.BIG_AT + 5  # the second extent of BIG.BIN
tenants = {"FIRST.BIN": (iso.BIG_AT, 0, iso.EXTENT), "SHORT.BIN": (at, iso.EXTENT, 100),
	"WHOLE.BIN": (at, iso.EXTENT, iso.EXTENT), "INSIDE.BIN": (at + 1, iso.EXTENT + iso.SECTOR, 3000)}
records = iso.root()
for name, (sector, off, size) in tenants.items():
	records += iso.record(name.encode() + b";1", sector, size, 0)
	with open(name, "wb") as f:
		f.write(iso.BIG[off:off + size])
iso.root = lambda: records
with open("disc.iso", "wb") as f:
	f.write(iso.image())
with open("big.bin", "wb") as f:
	f.write(iso.BIG)
PYTHON
expect_exit 0 trowel index disc.iso -o case.db
for name in FIRST.BIN SHORT.BIN WHOLE.BIN INSIDE.BIN; do
	expect_file case.db "/$name" "$name"
done
# The later records of BIG.BIN are names without content of their own.
big="FROM report_files WHERE path = '/BIG.BIN'"
expect_sql 3 case.db "SELECT count(*) $big"
expect_sql "$(digest_of sha256sum big.bin)|$(wc -c <big.bin | tr -d ' ')" case.db \
	"SELECT sha256, size $big AND sha256 IS NOT NULL"
expect_exit 0 trowel verify case.db
