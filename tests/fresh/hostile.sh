#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Images damaged as never before: only a crash is a failure, the rest is told.
set -eu
[ -d "$SHARED/corpus" ] || {
	echo "SKIPPED: $SHARED/corpus is not on this machine"
	exit 77
}
: "${TROWEL_SEED:=$(date +%s)}"
keep=$BUILD/fresh/hostile.$TROWEL_SEED
echo "TROWEL_SEED=$TROWEL_SEED; what fails is kept in $keep"
exec python3 "$SOURCE/tests/corpus/hostile.py" --seed "$TROWEL_SEED" --count 20 --only mutants --grave-only --keep "$keep"
