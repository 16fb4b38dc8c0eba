#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The digests of a raw image are those of its file.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db
expect_sql "$(digest_of md5sum disk.img)|$(digest_of sha1sum disk.img)|$(digest_of sha256sum disk.img)|none stored" \
	case.db "SELECT md5, sha1, sha256, verdict FROM report_images"
