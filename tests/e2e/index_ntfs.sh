#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of an NTFS image is indexed, and an alternate data stream is a row of its own.
. "$(dirname "$0")/lib.sh"
make_ntfs disk.img
printf 'an alternate data stream\n' >stream
ntfscp -N ads disk.img stream file2.dat 2>mkfs.err
expect_exit 0 trowel index disk.img -o case.db
for file in tree/*.dat tree/sub/*.dat; do
	expect_file case.db "/$(basename "$file")" "$file"
done
expect_file case.db /file2.dat:ads stream
expect_sql ads case.db "SELECT stream FROM report_files WHERE path = '/file2.dat:ads'"
