#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The canonical digest is equal for 1, 2 and 8 threads and for a later run.
. "$(dirname "$0")/lib.sh"
make_ext4 one.img
make_ntfs two.img
first=
for run in 1 2 8 1; do
	rm -f case.db
	expect_exit 0 trowel index one.img two.img -o case.db --jobs "$run"
	digest=$(trowel digest case.db)
	[ -n "$digest" ] || fail "no digest"
	first=${first:-$digest}
	[ "$digest" = "$first" ] || fail "--jobs $run: $digest, before: $first"
done
