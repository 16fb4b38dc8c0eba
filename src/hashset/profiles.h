/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The distinct categories of a set in the making: numbered as they come, and in the end by their
 * text. Threads: one owner.
 */
#pragma once

#include "base/status.h"

struct trw_profile {
	char *text; /* owned: scheme, then category */
	size_t scheme_len, category_len;
	bool is_used;
	uint16_t final; /* its number in the set, after trw_profiles_settle */
};

/** All-zero is empty. */
struct trw_profiles {
	struct trw_profile *v; /* owned; by number */
	size_t n, cap;
	uint32_t *sorted; /* owned; numbers in the order of (scheme, category) */
	size_t cap_sorted;
	size_t last; /* the one that was asked for last */
};

void trw_profiles_clear(struct trw_profiles *ps);

/**
 * The number of this category; both empty for none. Errors: TRW_ELIMIT past TRW_TSET_PROFILES_MAX
 * of them, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_profiles_number(struct trw_profiles *ps, const char *scheme,
	size_t scheme_len, const char *category, size_t category_len, uint16_t *out,
	struct trw_err *err);

/** Give those that are used their numbers, in order. How many there are. */
size_t trw_profiles_settle(struct trw_profiles *ps);
