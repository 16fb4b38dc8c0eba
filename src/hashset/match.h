/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a set says of contents: all digests of a content against all digests of an entry. Threads:
 * any.
 */
#pragma once

#include "digest/digest.h"
#include "hashset/set.h"
#include "record/words.h"

struct trw_match_content {
	uint8_t md5[16], sha1[20], sha256[32];
	uint64_t size;
	bool is_complete;
};

struct trw_match_content trw_match_content_of(
	const struct trw_digests *digests, uint64_t size, bool is_complete);

struct trw_match_hit {
	size_t content; /* its number in the call */
	uint32_t row;   /* of the set */
	enum trw_verdict verdict;
	uint32_t agreed; /* kinds that agree; never 0 */
};

#define TRW_MATCH_BATCH 256 /* contents that are looked up side by side */

typedef enum trw_status (*trw_match_take)(
	void *ctx, const struct trw_match_hit *hit, struct trw_err *err);

/**
 * Look up n contents, any number, by each kind that the set has. take gets every (content, entry)
 * with a digest in common once, in the order of (content, row). Errors: those of take, which end
 * it.
 */
TRW_NODISCARD enum trw_status trw_set_match(const struct trw_set *set,
	const struct trw_match_content *contents, size_t n, trw_match_take take, void *ctx,
	struct trw_err *err);

/** "md5+sha1": the kinds as the database has them. */
#define TRW_AGREED_SIZE 80
void trw_match_agreed_text(uint32_t kinds, char out[TRW_AGREED_SIZE]);
