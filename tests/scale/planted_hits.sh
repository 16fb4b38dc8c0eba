#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A thousand files of an image among ten million made-up digests: just those hits, each with list, version and entry; a planted
# MD5 twin is a conflict, and nothing else is.
. "$(dirname "$0")/../e2e/lib.sh"
make_large image.img
expect_exit 0 trowel index -q -o case.db image.img
sqlite3 -batch -separator , case.db "SELECT md5, sha1, sha256, size, file_id FROM report_files
	WHERE digest_state = 'complete' AND size = 20000 ORDER BY file_id LIMIT 1001" >planted
[ "$(wc -l <planted)" -eq 1001 ] || fail "the image has too few files"
python3 - <<'PYTHON'
import random
rng = random.Random(4)
with open("planted") as f:
	planted = f.read().split()
with open("list.csv", "w") as out:
	out.write("md5,sha1,sha256,size,name\n")
	for i, line in enumerate(planted):
		md5, sha1, sha256, size, number = line.split(",")
		if i == 1000:  # the twin: the MD5 of a file, and the other digests of none
			sha1, sha256, number = rng.randbytes(20).hex(), rng.randbytes(32).hex(), "twin"
		out.write(f"{md5},{sha1},{sha256},{size},file-{number}\n")
	for start in range(0, 10_000_000, 100_000):
		text = rng.randbytes(100_000 * 16).hex()
		out.write("".join(f"{text[i:i + 32]},,,,\n" for i in range(0, len(text), 32)))
PYTHON
expect_exit 0 trowel set import -q --names --name planted --list-version 3.1 -c alert -o list.tset list.csv
rm list.csv
expect_exit 0 trowel match case.db --set list.tset
expect_sql 1000 case.db "SELECT count(*) FROM report_hits WHERE verdict = 'match' AND agreed = 'md5+sha1+sha256'
	AND set_name = 'planted' AND set_version = '3.1' AND entry = 'file-' || file_id"
expect_sql "file-twin|md5" case.db "SELECT entry, agreed FROM report_hits WHERE verdict = 'conflict'"
expect_sql 1001 case.db "SELECT count(*) FROM report_hits"
expect_exit 0 trowel verify case.db

# The same in the run itself.
expect_exit 0 trowel index -q -o again.db --set list.tset image.img
expect_sql "conflict|1
match|1000" again.db "SELECT verdict, count(*) FROM report_hits GROUP BY verdict ORDER BY verdict"
