#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Seeds for fuzz_ext: small file systems of each kind of block mapping. make_ext.sh DIR
set -eu
out=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/tree"
printf '%080d' 7 >"$tmp/tree/inline"
yes | head -c 40000 >"$tmp/tree/data"
truncate -s 10M "$tmp/tree/sparse"
ln -s data "$tmp/tree/link"
make_one() {
	name=$1
	shift
	mke2fs -q -F -b 1024 -N 32 -d "$tmp/tree" "$@" "$out/$name" 256
}
make_one ext2 -t ext2
make_one ext4 -t ext4 -O '^has_journal,^resize_inode'
make_one inline -t ext4 -O '^has_journal,^resize_inode,inline_data' -I 256
