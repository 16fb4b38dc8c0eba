/* SPDX-License-Identifier: Apache-2.0 */
/** What two sets have in common, and what only one of them has. Threads: any. */
#pragma once

#include "hashset/set.h"

struct trw_set_difference {
	bool is_added; /* in the newer set and not in the older one; false: the other way round */
	/* the other set has an entry with just these digests, of another category or size */
	bool is_altered;
	const struct trw_entry *entry; /* borrowed until the callback returns */
};

typedef enum trw_status (*trw_set_difference_take)(
	void *ctx, const struct trw_set_difference *difference, struct trw_err *err);

struct trw_set_difference_counts {
	uint64_t n_same, n_removed, n_added; /* entries; n_same of the older set */
	uint64_t n_removed_altered, n_added_altered;
};

/**
 * Entries are the same when they have the same digests, category and size. take (may be NULL) gets
 * the entries that the newer set has no more, in the order of the older one, then the new ones in
 * theirs. Errors: TRW_ECORRUPT, TRW_ECANCEL, those of take.
 */
TRW_NODISCARD enum trw_status trw_set_diff(const struct trw_set *older, const struct trw_set *newer,
	trw_set_difference_take take, void *ctx, struct trw_set_difference_counts *out,
	struct trw_err *err);
