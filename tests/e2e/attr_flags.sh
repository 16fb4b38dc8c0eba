#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The attribute flags of NTFS, FAT and ext are on record as the file system keeps them; where there are none, nothing is.
. "$(dirname "$0")/lib.sh"
make_fat fat.img
mattrib -i fat.img +h +r ::/file0.dat
make_ntfs ntfs.img
make_ext4 ext.img
debugfs -w -R 'set_inode_field /file0.dat flags 0x80050' ext.img 2>debugfs.err
expect_exit 0 trowel index fat.img ntfs.img ext.img -o case.db
# archive, hidden, read-only; archive
expect_sql '35|32' case.db "SELECT max(attr_flags), min(attr_flags) FROM report_files WHERE image = 'fat.img' AND path GLOB '/file*'"
expect_sql 16 case.db "SELECT attr_flags FROM report_files WHERE image = 'fat.img' AND path = '/sub'"
expect_sql '' case.db "SELECT DISTINCT attr_flags FROM report_files WHERE image = 'fat.img' AND (kind GLOB 'virtual*' OR path = '/')"
# hidden, system
expect_sql 6 case.db "SELECT attr_flags FROM report_files WHERE image = 'ntfs.img' AND path = '/\$LogFile'"
# extents, no dump, immutable; extents alone
expect_sql 524368 case.db "SELECT attr_flags FROM report_files WHERE image = 'ext.img' AND path = '/file0.dat'"
expect_sql 524288 case.db "SELECT attr_flags FROM report_files WHERE image = 'ext.img' AND path = '/file2.dat'"
expect_exit 0 trowel verify case.db
