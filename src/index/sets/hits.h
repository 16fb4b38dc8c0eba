/* SPDX-License-Identifier: Apache-2.0 */
/** What the sets say of contents, from the look-up to the rows of the database. */
#pragma once

#include "hashset/match.h"
#include "index/sets/setlist.h"

/**
 * Of one content in one set, of matches and of others each, and of further matches that are alerts: a list can name a file thousands
 * of times, and a disk has thousands of copies. The first rows count, whatever else is in the batch.
 */
#define TRW_HITS_OF_CONTENT 256
/** Of one batch of contents: what many such lists at once come to. */
#define TRW_HITS_MAX ((size_t)1 << 22)

struct trw_hit {
	int64_t file_id;
	uint32_t set; /* its number in the list */
	uint32_t row;
	uint32_t agreed;
	uint32_t n_unrecorded; /* of the last of its kind: how many more there are */
	enum trw_verdict verdict;
};

/** All-zero is none. */
struct trw_hits {
	const struct trw_setlist *sets; /* borrowed */
	struct trw_hit *v;              /* owned */
	size_t n, cap;
};

void trw_hits_clear(struct trw_hits *hits);

/**
 * Look up n contents, of the file with the same number in file_ids, in every set, and append what comes of it.
 * Errors: TRW_ENOMEM; TRW_ELIMIT past TRW_HITS_MAX; TRW_ECORRUPT for a set that was written to meanwhile. Threads: any number, each with hits of its own.
 */
TRW_NODISCARD enum trw_status trw_hits_find(struct trw_hits *hits, const struct trw_setlist *sets,
	const struct trw_match_content *contents, const int64_t *file_ids, size_t n,
	struct trw_err *err);

/**
 * Write them, with the entries that are not recorded yet, but for those of known-good sets: most of a disk may be in one.
 * Errors: as evidence.h; TRW_ECORRUPT for an entry that can't be read.
 */
TRW_NODISCARD enum trw_status trw_hits_write(
	const struct trw_hits *hits, struct trw_evidence *ev, struct trw_err *err);

/** The entries that are left, before the session ends. Errors: the same. */
TRW_NODISCARD enum trw_status trw_hits_finish(
	const struct trw_setlist *sets, struct trw_evidence *ev, struct trw_err *err);
