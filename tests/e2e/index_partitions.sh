#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Partitions and the gaps between them are volume rows that cover the image.
. "$(dirname "$0")/lib.sh"
make_ext4 part.img
truncate -s 12M disk.img
python3 - <<'PYTHON'
import struct
entry = lambda start, length: struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\0\2\0", start, length)
with open("disk.img", "rb+") as f:
	f.seek(446)
	f.write(entry(2048, 8192) + entry(12288, 8192) + bytes(32) + b"\x55\xaa")
PYTHON
dd if=part.img of=disk.img bs=512 seek=2048 conv=notrunc 2>dd.err
expect_exit 0 trowel index disk.img -o case.db
expect_sql "$(printf '1048576|4194304\n6291456|4194304')" case.db \
	"SELECT offset, length FROM report_volumes WHERE kind = 'partition' ORDER BY offset"
expect_sql 1048576 case.db "SELECT fs_offset FROM report_volumes WHERE filesystem_id IS NOT NULL"
expect_sql 1 case.db "SELECT count(*) > 0 FROM report_volumes WHERE kind = 'gap'"
expect_file case.db /file6.dat tree/file6.dat
expect_sql 12582912 case.db "SELECT sum(bytes) FROM report_ledger WHERE item = 'bytes'"
