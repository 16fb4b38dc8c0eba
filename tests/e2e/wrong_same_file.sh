#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The image as the output is refused, and the image is left as it was.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
before=$(digest_of sha256sum disk.img)
expect_exit 2 trowel index disk.img -o disk.img
[ "$(digest_of sha256sum disk.img)" = "$before" ] || fail "the evidence was changed"
status=0
trowel index disk.img -o disk.img --add >out 2>err || status=$?
[ "$status" -ge 2 ] || fail "exit $status with --add"
[ "$(digest_of sha256sum disk.img)" = "$before" ] || fail "the evidence was changed"
