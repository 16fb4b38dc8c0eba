/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/digest/digest_fixture.h"

uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

void
assert_digests(const struct trw_digests *a, const struct trw_digests *b)
{
	assert_memory_equal(a->md5, b->md5, sizeof(a->md5));
	assert_memory_equal(a->sha1, b->sha1, sizeof(a->sha1));
	assert_memory_equal(a->sha256, b->sha256, sizeof(a->sha256));
}
