#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Containers damaged as never before: only a crash or a wrong digest called complete is a failure, the rest is told.
set -eu
[ -d "$SHARED/corpus" ] || {
	echo "SKIPPED: $SHARED/corpus is not on this machine"
	exit 77
}
: "${TROWEL_SEED:=$(date +%s)}"
keep=$BUILD/fresh/damage_sweep.$TROWEL_SEED
echo "TROWEL_SEED=$TROWEL_SEED; what fails is kept in $keep"
exec python3 "$SOURCE/tests/corpus/damage_sweep.py" --seed "$TROWEL_SEED" --count 40 --grave-only --keep "$keep"
