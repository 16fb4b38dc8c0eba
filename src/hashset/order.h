/* SPDX-License-Identifier: Apache-2.0 */
/** The order of rows in a set (layout.h). Threads: any. */
#pragma once

#include "hashset/entry.h"

/** By memcmp, then the shorter first. NULL is fine where the length is 0. Below 0, 0 or above 0. */
int trw_order_texts(const char *a, size_t a_len, const char *b, size_t b_len);

/**
 * Where primary is the kind that most entries have: those that have it first, in the order of its
 * digest; then by kinds, digests, scheme, category, size. Names and properties are left out. Below
 * 0, 0 or above 0.
 */
int trw_order_entries(
	const struct trw_entry *a, const struct trw_entry *b, enum trw_hash_kind primary);
