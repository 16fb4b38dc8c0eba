#!/bin/sh
# One thread, two and eight, and two runs at different times give the same canonical digest.
. "$(dirname "$0")/lib.sh"

for jobs in 1 2 8; do
	expect_exit 0 trowel index "$FIXTURES/demo.dd" -o "case$jobs.db" --jobs "$jobs" --progress none
	trowel digest "case$jobs.db" >>digests
done
expect_exit 0 trowel index "$FIXTURES/demo.dd" -o again.db --progress none
trowel digest again.db >>digests
[ "$(sort -u digests | wc -l)" -eq 1 ] || {
	cat digests >&2
	fail "the canonical digests differ"
}
