#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ls shows the rows that match path, state and image, and no others.
. "$(dirname "$0")/lib.sh"
make_ext4 one.img
make_fat two.img
mdel -i two.img ::/file6.dat
expect_exit 0 trowel index one.img two.img -o case.db
expect_exit 0 trowel ls case.db --path '/sub/*'
[ "$(grep -c '/sub/file' out)" -eq 8 ] || fail "not the 8 files below /sub: $(cat out)"
if grep -q '/file6.dat' out; then fail "a file outside /sub is shown"; fi
expect_exit 0 trowel ls case.db --state deleted
[ "$(grep -ci 'ile6.dat' out)" -eq 1 ] || fail "not the one deleted file: $(cat out)"
expect_exit 0 trowel ls case.db --image 1 --path '/file*.dat'
[ "$(grep -c . out)" -eq 4 ] || fail "not the 4 files of the first image: $(cat out)"
expect_exit 2 trowel ls case.db --state gone
