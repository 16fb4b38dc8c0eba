#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A unit test with numbers that nobody has drawn before: lib_unit.sh PROGRAM NAME. TROWEL_SEED, else the clock, says which; where
# it fails, seed and words are kept.
set -eu
: "${TROWEL_SEED:=$(date +%s)}"
export TROWEL_SEED
echo "TROWEL_SEED=$TROWEL_SEED"
"$1" >said 2>&1 && exit 0
status=$?
mkdir -p "$BUILD/fresh"
{ echo "TROWEL_SEED=$TROWEL_SEED $1" && cat said; } >"$BUILD/fresh/$2.$TROWEL_SEED"
cat said
echo "kept: $BUILD/fresh/$2.$TROWEL_SEED"
exit "$status"
