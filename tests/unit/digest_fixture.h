/* SPDX-License-Identifier: Apache-2.0 */
/** What the digest tests share. */
#pragma once

#include "digest/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the standard headers */
#include <cmocka.h>

/* A generator of our own: the same numbers on every machine. */
static inline uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static inline void
assert_digests(const struct trw_digests *a, const struct trw_digests *b)
{
	assert_memory_equal(a->md5, b->md5, sizeof(a->md5));
	assert_memory_equal(a->sha1, b->sha1, sizeof(a->sha1));
	assert_memory_equal(a->sha256, b->sha256, sizeof(a->sha256));
}
