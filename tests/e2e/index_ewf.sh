#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An E01 set given by its first segment is read in full, its record kept, and its stored MD5 agrees.
. "$(dirname "$0")/lib.sh"
make_ext4 small.img
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(3).randbytes(3000000))' >random.bin
truncate -s 3000320 random.bin
cat small.img random.bin >both.img
ewfacquire -u -q -t set -c none -f encase6 -m fixed -M physical -C C-17 -D d -E E-1 -e examiner -N n \
	-o 0 -B "$(wc -c <both.img)" -S 1048576 both.img >ewf.out 2>&1
[ -e set.E03 ] || fail "the fixture has no third segment"
expect_exit 0 trowel index set.E01 -o case.db
expect_sql "match|$(digest_of md5sum both.img)|$(digest_of md5sum both.img)" case.db \
	"SELECT verdict, md5, stored_md5 FROM report_images"
expect_sql C-17 case.db "SELECT value FROM image_fact WHERE key = 'case_number'"
expect_sql "$(find . -name 'set.E*' | wc -l | tr -d ' ')" case.db "SELECT segments FROM report_images"
expect_file case.db /file6.dat tree/file6.dat
