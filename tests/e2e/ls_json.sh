#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ls --json prints one object a line with the digest of the file.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_exit 0 trowel ls case.db --json --path /file6.dat
python3 -c 'import json, sys
rows = [json.loads(line) for line in open("out", encoding="utf-8")]
assert [(r["path"], r["sha256"]) for r in rows] == [("/file6.dat", sys.argv[1])], rows' \
	"$(digest_of sha256sum tree/file6.dat)" || fail "not that row"
