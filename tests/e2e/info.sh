#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# info names the image, its verdict and the problems by kind.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_exit 0 trowel info case.db
for word in disk.img 'none stored' "$(digest_of sha256sum disk.img)"; do
	grep -qF -e "$word" out || fail "'$word' is not in: $(cat out)"
done
