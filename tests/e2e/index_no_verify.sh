#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --no-verify leaves the image's own digests out and says so.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db --no-verify
expect_sql "not verified|" case.db "SELECT verdict, sha256 FROM report_images"
expect_file case.db /file6.dat tree/file6.dat
