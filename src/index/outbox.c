/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row's strings lie one behind the other in one heap block: two allocations for a file row, however many
 * strings it has.
 */
#include "index/outbox.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void
trw_outbox_clear(struct trw_outbox *o)
{
	trw_batch_free(o->batch);
	o->batch = NULL;
}

enum trw_status
trw_outbox_flush(struct trw_outbox *o, struct trw_err *err)
{
	struct trw_batch *batch = o->batch;

	o->batch = NULL;
	o->n_flushed++;
	if (batch != NULL && !trw_writer_post(o->writer, batch))
		return trw_fail(err, TRW_ECANCEL, "the run is ending");
	return TRW_OK;
}

/* A free row of the current batch, which counts only after commit_row. */
static struct trw_post *
next_row(struct trw_outbox *o, enum trw_post_kind kind, struct trw_err *err)
{
	if (o->batch == NULL) {
		o->batch = trw_alloc(1, sizeof(*o->batch), err);
		if (o->batch == NULL)
			return NULL;
		o->batch->bytes = sizeof(*o->batch);
	}
	struct trw_post *row = &o->batch->rows[o->batch->n];
	*row = (struct trw_post){.kind = kind};
	return row;
}

static enum trw_status
commit_row(struct trw_outbox *o, size_t bytes, struct trw_err *err)
{
	o->batch->n++;
	o->batch->bytes += bytes;
	if (o->batch->n < TRW_BATCH_ROWS && o->batch->bytes < TRW_BATCH_BYTES)
		return TRW_OK;
	return trw_outbox_flush(o, err);
}

/* The next string of a row's block; NULL stays NULL. */
struct packer {
	char *at;
};

static const char *
pack(struct packer *p, const void *s, size_t n)
{
	if (s == NULL)
		return NULL;
	char *here = p->at;
	memcpy(here, s, n);
	here[n] = '\0';
	p->at += n + 1;
	return here;
}

static size_t
room(const char *s)
{
	return s == NULL ? 0 : strlen(s) + 1;
}

static const char *
pack_text(struct packer *p, const char *s)
{
	return pack(p, s, s == NULL ? 0 : strlen(s));
}

enum trw_status
trw_outbox_volume(
	struct trw_outbox *o, const struct trw_evidence_volume *volume, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_VOLUME, err);
	size_t n = room(volume->kind) + room(volume->scheme) + room(volume->description) +
		   room(volume->content);

	if (row == NULL || (row->text = trw_alloc(n, 1, err)) == NULL)
		return TRW_ENOMEM;
	struct packer p = {row->text};
	row->u.volume = *volume;
	row->u.volume.kind = pack_text(&p, volume->kind);
	row->u.volume.scheme = pack_text(&p, volume->scheme);
	row->u.volume.description = pack_text(&p, volume->description);
	row->u.volume.content = pack_text(&p, volume->content);
	return commit_row(o, n, err);
}

enum trw_status
trw_outbox_filesystem(
	struct trw_outbox *o, const struct trw_evidence_filesystem *fs, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_FILESYSTEM, err);
	size_t n = room(fs->type) + room(fs->label) + room(fs->uuid) + room(fs->status);

	if (row == NULL || (row->text = trw_alloc(n, 1, err)) == NULL)
		return TRW_ENOMEM;
	struct packer p = {row->text};
	row->u.filesystem = *fs;
	row->u.filesystem.type = pack_text(&p, fs->type);
	row->u.filesystem.label = pack_text(&p, fs->label);
	row->u.filesystem.uuid = pack_text(&p, fs->uuid);
	row->u.filesystem.status = pack_text(&p, fs->status);
	return commit_row(o, n, err);
}

enum trw_status
trw_outbox_filesystem_status(
	struct trw_outbox *o, int64_t filesystem_id, const char *status, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_FILESYSTEM_STATUS, err);

	if (row == NULL || (row->text = trw_strdup(status, err)) == NULL)
		return TRW_ENOMEM;
	row->u.filesystem.filesystem_id = filesystem_id;
	row->u.filesystem.status = row->text;
	return commit_row(o, room(status), err);
}

enum trw_status
trw_outbox_file(struct trw_outbox *o, const struct trw_evidence_file *file,
	struct trw_extents *extents, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_FILE, err);
	size_t n = file->path_len + file->name_len + file->stream_len + file->target_len + 4;

	if (row == NULL || (row->text = trw_alloc(n, 1, err)) == NULL) {
		if (extents != NULL)
			trw_extents_clear(extents);
		return TRW_ENOMEM;
	}
	struct packer p = {row->text};
	row->u.file = *file;
	row->u.file.path = (const uint8_t *)pack(&p, file->path, file->path_len);
	row->u.file.name = (const uint8_t *)pack(&p, file->name, file->name_len);
	row->u.file.stream = (const uint8_t *)pack(&p, file->stream, file->stream_len);
	row->u.file.target = (const uint8_t *)pack(&p, file->target, file->target_len);
	if (extents != NULL) {
		row->extents = *extents;
		*extents = (struct trw_extents){0};
	}
	return commit_row(o, n + row->extents.cap * sizeof(*row->extents.v), err);
}

enum trw_status
trw_outbox_content(struct trw_outbox *o, const struct trw_evidence_content *content,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_CONTENT, err);

	if (row == NULL) {
		trw_ranges_clear(damage);
		return TRW_ENOMEM;
	}
	row->u.content = *content;
	if (content->state != TRW_DIGEST_NONE) {
		memcpy(row->digests.md5, content->md5, sizeof(row->digests.md5));
		memcpy(row->digests.sha1, content->sha1, sizeof(row->digests.sha1));
		memcpy(row->digests.sha256, content->sha256, sizeof(row->digests.sha256));
	}
	row->damage = *damage;
	*damage = (struct trw_ranges){0};
	return commit_row(o, row->damage.cap * sizeof(*row->damage.v), err);
}

enum trw_status
trw_outbox_problem(
	struct trw_outbox *o, const struct trw_evidence_problem *problem, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_PROBLEM, err);
	size_t n = room(problem->path) + room(problem->text);

	if (row == NULL || (row->text = trw_alloc(n, 1, err)) == NULL)
		return TRW_ENOMEM;
	struct packer p = {row->text};
	row->u.problem = *problem;
	row->u.problem.path = pack_text(&p, problem->path);
	row->u.problem.text = pack_text(&p, problem->text);
	return commit_row(o, n, err);
}

enum trw_status
trw_outbox_blocks(struct trw_outbox *o, const struct trw_post_blocks *blocks, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_BLOCKS, err);

	if (row == NULL)
		return TRW_ENOMEM;
	row->u.blocks = *blocks;
	return commit_row(o, 0, err);
}

enum trw_status
trw_outbox_items(struct trw_outbox *o, int64_t filesystem_id, const char *outcome, uint64_t n,
	struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_ITEMS, err);

	if (row == NULL)
		return TRW_ENOMEM;
	row->u.items = (struct trw_post_items){filesystem_id, outcome, n};
	return commit_row(o, 0, err);
}

enum trw_status
trw_outbox_checkpoint(
	struct trw_outbox *o, const struct trw_evidence_checkpoint *checkpoint, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_CHECKPOINT, err);
	const struct trw_ranges *damage = checkpoint->damage;

	if (row == NULL)
		return TRW_ENOMEM;
	if (checkpoint->media_state != NULL && (row->text = trw_memdup(checkpoint->media_state,
							checkpoint->n_media_state, err)) == NULL)
		return TRW_ENOMEM;
	row->u.checkpoint = *checkpoint;
	row->u.checkpoint.media_state = (const uint8_t *)row->text;
	if (damage != NULL &&
		trw_ranges_add_part(&row->damage, damage, 0, UINT64_MAX, 0, err) < 0) {
		trw_ranges_clear(&row->damage);
		free(row->text);
		return TRW_ENOMEM;
	}
	return commit_row(
		o, checkpoint->n_media_state + row->damage.cap * sizeof(*row->damage.v), err);
}

struct damage_post {
	struct trw_outbox *outbox;
	int64_t image_id;
};

/* Sent off at once: until this returns others wait, and their outcomes may come of this damage. */
static enum trw_status
post_damage(void *ctx, const struct trw_ranges *met, struct trw_err *err)
{
	struct damage_post *to = ctx;
	struct trw_evidence_checkpoint at = {.image_id = to->image_id, .damage = met};
	enum trw_status st = trw_outbox_checkpoint(to->outbox, &at, err);

	return st < 0 ? st : trw_outbox_flush(to->outbox, err);
}

enum trw_status
trw_outbox_damage(
	struct trw_outbox *o, int64_t image_id, struct trw_image *image, struct trw_err *err)
{
	struct damage_post to = {o, image_id};

	return trw_image_damage_tell(image, post_damage, &to, err);
}

enum trw_status
trw_outbox_audit(struct trw_outbox *o, const char *action, const char *detail, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_AUDIT, err);

	if (row == NULL || (row->text = trw_strdup(detail, err)) == NULL)
		return TRW_ENOMEM;
	row->u.audit = (struct trw_post_audit){action, row->text};
	return commit_row(o, room(detail), err);
}

enum trw_status
trw_outbox_filesystem_ambiguous(struct trw_outbox *o, int64_t filesystem_id, struct trw_err *err)
{
	struct trw_post *row = next_row(o, TRW_POST_FILESYSTEM_AMBIGUOUS, err);

	if (row == NULL)
		return TRW_ENOMEM;
	row->u.filesystem.filesystem_id = filesystem_id;
	return commit_row(o, 0, err);
}
