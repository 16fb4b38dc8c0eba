#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One changed byte in a file changes the canonical digest.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o one.db
printf x | dd of=tree/file6.dat bs=1 seek=100 conv=notrunc 2>dd.err
debugfs -w -R 'rm file6.dat' disk.img 2>debugfs.err
debugfs -w -R 'write tree/file6.dat file6.dat' disk.img >debugfs.out 2>&1
expect_exit 0 trowel index disk.img -o two.db
[ "$(trowel digest one.db)" != "$(trowel digest two.db)" ] || fail "the digests are equal"
