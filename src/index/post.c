/* SPDX-License-Identifier: Apache-2.0 */
#include "index/post.h"

#include <stdlib.h>
#include <string.h>

void
trw_batch_free(struct trw_batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->n; i++) {
		free(batch->rows[i].text);
		trw_extents_clear(&batch->rows[i].extents);
		trw_ranges_clear(&batch->rows[i].damage);
	}
	trw_hits_clear(&batch->hits);
	free(batch);
}

static enum trw_status
write_file(const struct trw_post *row, struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_evidence_file file = row->u.file;

	file.extents = row->extents.n > 0 ? &row->extents : NULL;
	return trw_evidence_file_add(ev, &file, err);
}

static enum trw_status
write_content(const struct trw_post *row, struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_evidence_content content = row->u.content;
	bool has_digests = content.state != TRW_DIGEST_NONE;

	content.damage = row->damage.n > 0 ? &row->damage : NULL;
	content.md5 = has_digests ? row->digests.md5 : NULL;
	content.sha1 = has_digests ? row->digests.sha1 : NULL;
	content.sha256 = has_digests ? row->digests.sha256 : NULL;
	return trw_evidence_content_set(ev, &content, err);
}

static enum trw_status
write_checkpoint(const struct trw_post *row, struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_evidence_checkpoint checkpoint = row->u.checkpoint;

	if (checkpoint.damage != NULL)
		checkpoint.damage = &row->damage;
	return trw_evidence_checkpoint(ev, &checkpoint, err);
}

/* One row. */
static enum trw_status
write_row(const struct trw_post *row, struct trw_evidence *ev, struct trw_err *err)
{
	switch (row->kind) {
	case TRW_POST_VOLUME:
		return trw_evidence_volume_add(ev, &row->u.volume, err);
	case TRW_POST_FILESYSTEM:
		return trw_evidence_filesystem_add(ev, &row->u.filesystem, err);
	case TRW_POST_FILESYSTEM_STATUS:
		return trw_evidence_filesystem_status(
			ev, row->u.filesystem.filesystem_id, row->u.filesystem.status, err);
	case TRW_POST_FILE:
		return write_file(row, ev, err);
	case TRW_POST_CONTENT:
		return write_content(row, ev, err);
	case TRW_POST_PROBLEM:
		return trw_evidence_problem_add(ev, &row->u.problem, err);
	case TRW_POST_BLOCKS:
		return trw_evidence_blocks_add(ev, row->u.blocks.filesystem_id, row->u.blocks.off,
			row->u.blocks.len, row->u.blocks.class, err);
	case TRW_POST_ITEMS:
		return trw_evidence_items_count(
			ev, row->u.items.filesystem_id, row->u.items.outcome, row->u.items.n, err);
	case TRW_POST_AUDIT:
		return trw_evidence_audit(ev, row->u.audit.action, row->u.audit.detail, err);
	case TRW_POST_FILESYSTEM_AMBIGUOUS:
		return trw_evidence_filesystem_ambiguous(ev, row->u.filesystem.filesystem_id, err);
	case TRW_POST_CHECKPOINT:
		return write_checkpoint(row, ev, err);
	}
	return TRW_OK;
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
		const struct trw_post *row = &batch->rows[i];
		if (row->kind != TRW_POST_CONTENT || row->u.content.state == TRW_DIGEST_NONE)
			continue;
		struct trw_match_content *c = &contents[n];
		memcpy(c->md5, row->digests.md5, sizeof(c->md5));
		memcpy(c->sha1, row->digests.sha1, sizeof(c->sha1));
		memcpy(c->sha256, row->digests.sha256, sizeof(c->sha256));
		c->size = row->u.content.size;
		c->is_complete = row->u.content.state == TRW_DIGEST_COMPLETE;
		file_ids[n++] = row->u.content.file_id;
	}
	return trw_hits_find(&batch->hits, sets, contents, file_ids, n, err);
}

enum trw_status
trw_batch_write(const struct trw_batch *batch, struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status s = trw_hits_write(&batch->hits, ev, err);

	for (size_t i = 0; s == TRW_OK && i < batch->n; i++)
		s = write_row(&batch->rows[i], ev, err);
	return s;
}
