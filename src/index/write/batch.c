/* SPDX-License-Identifier: Apache-2.0 */
#include "index/write/batch.h"

#include <stdlib.h>
#include <string.h>

size_t
trw_batch_bytes(const struct trw_batch *batch)
{
	return sizeof(*batch) + batch->arena.bytes + batch->hits.cap * sizeof(*batch->hits.v);
}

void
trw_batch_free(struct trw_batch *batch)
{
	if (batch == NULL)
		return;
	trw_arena_clear(&batch->arena);
	trw_hits_clear(&batch->hits);
	free(batch);
}

enum trw_status
trw_batch_match(struct trw_batch *batch, const struct trw_setlist *sets, struct trw_err *err)
{
	struct trw_match_content contents[TRW_BATCH_ROWS];
	int64_t file_ids[TRW_BATCH_ROWS];
	size_t n = 0;

	if (sets->n == 0)
		return TRW_OK;
	for (size_t i = 0; i < batch->n; i++) {
		const struct trw_content_row *row = &batch->rows[i].u.content;
		if (batch->rows[i].kind != TRW_ROW_CONTENT || row->state == TRW_DIGEST_NONE)
			continue;
		contents[n] = trw_match_content_of(
			&row->digests, row->size, row->state == TRW_DIGEST_COMPLETE);
		file_ids[n++] = row->file_id;
	}
	return trw_hits_find(&batch->hits, sets, contents, file_ids, n, err);
}

enum trw_status
trw_batch_write(const struct trw_batch *batch, struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status st = trw_hits_write(&batch->hits, ev, err);

	for (size_t i = 0; st == TRW_OK && i < batch->n; i++)
		st = trw_evidence_put(ev, &batch->rows[i], err);
	return st;
}
