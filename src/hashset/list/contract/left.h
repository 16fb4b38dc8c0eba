/* SPDX-License-Identifier: Apache-2.0 */
/** What a format, or a set, has no place for: counted by what it is, and told at the end. */
#pragma once

#include "base/status.h"

#define TRW_LEFT_MAX 32 /* different things that are left behind */

struct trw_left {
	const char *what; /* a literal: "sizes", "entries without an MD5", "miniatures" */
	uint64_t n;
};

/**
 * Count n of these; v has room for TRW_LEFT_MAX, of which *n_left are used. The last place is for
 * all that find none.
 */
void trw_left_add(struct trw_left *v, size_t *n_left, const char *what, uint64_t n);
