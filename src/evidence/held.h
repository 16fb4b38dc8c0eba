/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rows of content and hits that wait for the commit. Both come in the order of the disk, and the tables are in the order of
 * files: written as they come they would touch pages all over the tables. So they are held back until the commit, or until they
 * are many, and written in ascending order, hits first: who has a content has all. What lies between two commits
 * is lost together, as with any other row: that some rows enter the transaction later than others cannot be seen
 * from outside.
 */
#pragma once

#include "digest/digest.h"
#include "record/words.h"

struct trw_evidence;

/** A row of table content. */
struct trw_held_content {
	int64_t file_id, content_id;
	uint64_t size;
	enum trw_digest_state state;
	struct trw_digests digests; /* of any state but NONE */
};

#define TRW_AGREED_MAX 24 /* chars, with the NUL */

/** A row of table hit. */
struct trw_held_hit {
	int64_t file_id, session_id, entry_id;
	enum trw_verdict verdict;
	char agreed[TRW_AGREED_MAX];
	bool is_alert, is_excluded;
	uint32_t n_unrecorded;
};

/** All-zero is empty. */
struct trw_held {
	struct trw_held_content *contents; /* owned */
	size_t n_contents, cap_contents;
	struct trw_held_hit *hits; /* owned */
	size_t n_hits, cap_hits;
};

/** Hold a row back. When there are many, all are written. Errors: those of trw_held_flush, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_hold_content(
	struct trw_evidence *ev, const struct trw_held_content *content, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_hold_hit(
	struct trw_evidence *ev, const struct trw_held_hit *hit, struct trw_err *err);

/**
 * Write what is held back: to be called before anything looks at tables content and hit, and before a commit.
 * Errors: as evidence.h; the rows are then lost and ev is broken.
 */
TRW_NODISCARD enum trw_status trw_held_flush(struct trw_evidence *ev, struct trw_err *err);
void trw_held_clear(struct trw_held *held);
