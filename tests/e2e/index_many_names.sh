#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each name of a directory with thousands is recorded once: libtsk's own list of names was replaced.
. "$(dirname "$0")/lib.sh"
python3 -c '
import os
os.makedirs("tree/many")
for i in range(6000):
    open(f"tree/many/{i:05d}-{i * 7919 % 6007}", "w").close()
'
truncate -s 24M disk.img
mke2fs -q -F -t ext4 -b 1024 -N 8000 -U "$UUID" -E "hash_seed=$UUID,root_owner=0:0" -d tree disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_sql '6000|6000' case.db "SELECT count(*), count(DISTINCT path) FROM report_files
	WHERE path LIKE '/many/%' AND state = 'allocated'"
fls -r -p disk.img | grep -c 'many/' >fls.count
expect_sql "$(cat fls.count)" case.db "SELECT count(*) FROM report_files WHERE path LIKE '/many/%'"
