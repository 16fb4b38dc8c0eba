#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an image consists of is found while the worker may only read beside it: extents of a VMDK, segments that are links
# to another folder, an image that is a link itself.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o raw.db
files="SELECT path, size, sha256, digest_state FROM report_files ORDER BY file_id"
expect_same()
{
	expect_exit 0 trowel index "$1" -o other.db
	[ "$(sql other.db "$files")" = "$(sql raw.db "$files")" ] || fail "$1: other files"
	rm other.db
}

mkdir vmdk elsewhere links
cp disk.img vmdk/flat.bin
cat >vmdk/disk.vmdk <<END
# Disk DescriptorFile
version=1
CID=12345678
parentCID=ffffffff
createType="monolithicFlat"

# Extent description
RW $(($(wc -c <disk.img) / 512)) FLAT "flat.bin" 0

# The Disk Data Base
#DDB

ddb.virtualHWVersion = "4"
END
expect_same vmdk/disk.vmdk
mv vmdk/flat.bin elsewhere/flat.bin
ln -s ../elsewhere/flat.bin vmdk/flat.bin
expect_same vmdk/disk.vmdk

split -b 1M -d -a 3 --numeric-suffixes=1 disk.img elsewhere/disk.
for part in elsewhere/disk.0*; do
	ln -s "../$part" links/
done
expect_same links/disk.001
ln -s ../elsewhere/flat.bin links/alias.img
expect_same links/alias.img
