/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/quicksum.h"

#include <string.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h> /* the code for the CPU at hand */
#else
#include <xxhash.h>
#endif

void
trw_quicksum(const void *p, size_t n, uint8_t out[TRW_QUICKSUM_SIZE])
{
	XXH128_canonical_t sum;

	XXH128_canonicalFromHash(&sum, XXH3_128bits(p, n));
	memcpy(out, sum.digest, TRW_QUICKSUM_SIZE);
}
