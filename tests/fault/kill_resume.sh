#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed at random moments and resumed, an index has the digest of one that was left alone. A few kills here; by hand:
# kill_resume.py --count 100 IMAGE...
. "$SOURCE/tests/e2e/lib.sh"
make_large ext4.img
make_fat fat.img
make_large whole.img
ewfacquire -u -q -c fast -S 20MiB -t large whole.img >ewf.out 2>&1
rm whole.img
python3 "$SOURCE/tests/fault/kill_resume.py" --count "${KILLS:-9}" --work work ext4.img fat.img large.E01
