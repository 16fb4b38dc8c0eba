#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --progress json prints one object a line on standard error.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o case.db --progress json
[ -s err ] || fail "no progress"
python3 -c 'import json
for line in open("err", encoding="utf-8"):
	assert isinstance(json.loads(line), dict), line' || fail "not JSON: $(cat err)"
