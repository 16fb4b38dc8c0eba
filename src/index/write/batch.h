/* SPDX-License-Identifier: Apache-2.0 */
/** Rows on their way to the writer, and what the hash sets say of the contents among them. */
#pragma once

#include "evidence/rows.h"
#include "index/sets/hits.h"

#define TRW_BATCH_ROWS 256
#define TRW_BATCH_BYTES ((size_t)1 << 20) /* past it a batch leaves before it is full */

struct trw_batch {
	size_t n;
	struct trw_hits hits;   /* of the contents among its rows */
	struct trw_arena arena; /* what the rows borrow */
	struct trw_row rows[TRW_BATCH_ROWS];
};

size_t trw_batch_bytes(const struct trw_batch *batch); /* of memory */
void trw_batch_free(struct trw_batch *batch);          /* NULL is fine */

/** Look up the contents of the batch. Errors: those of trw_hits_find. */
TRW_NODISCARD enum trw_status trw_batch_match(
	struct trw_batch *batch, const struct trw_setlist *sets, struct trw_err *err);

/** Hand it to the database, hits before contents: who has the content has all. Errors: as evidence.h. */
TRW_NODISCARD enum trw_status trw_batch_write(
	const struct trw_batch *batch, struct trw_evidence *ev, struct trw_err *err);
