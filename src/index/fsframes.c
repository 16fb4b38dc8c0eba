/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker sends is taken as what a stranger says: a frame that does not fit ends the worker, and no value
 * in it reaches the database that the database would refuse.
 */
#include "index/fsframes.h"

#include "base/text.h"
#include "index/fswalk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of printable UTF-8, whatever the worker sent. NULL with err filled. */
static char *
clean_text(struct trw_bytes b, struct trw_err *err)
{
	char *text = trw_utf8_display(b.p, b.n, err);

	for (char *c = text; c != NULL && *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return text;
}

enum trw_status
trw_fsframes_problem(struct trw_fswalk *w, enum trw_code code, uint64_t inode, const char *text,
	struct trw_err *err)
{
	struct trw_evidence_problem p = {.image_id = w->pass->image_id,
		.volume_id = w->spec->volume_id,
		.filesystem_id = w->filesystem_id,
		.stage = TRW_STAGE_WALK,
		.code = code,
		.inode = inode,
		.text = text};

	return trw_outbox_problem(&w->feed->outbox, &p, err);
}

static enum trw_status
open_filesystem(struct trw_fswalk *w, const struct trw_fs_record *r, struct trw_err *err)
{
	char *type = clean_text(r->type_name, err), *label = clean_text(r->label, err),
	     *uuid = clean_text(r->uuid, err);
	enum trw_status s = TRW_ENOMEM;

	if (type != NULL && label != NULL && uuid != NULL) {
		struct trw_evidence_filesystem fs = {
			.filesystem_id = w->filesystem_id,
			.volume_id = w->spec->volume_id,
			.image_id = w->pass->image_id,
			.type = type,
			.label = r->label.n > 0 ? label : NULL,
			.uuid = r->uuid.n > 0 ? uuid : NULL,
			.off = r->off,
			.len = r->len,
			.block_size = r->block_size,
			.block_count = r->block_count,
			.pool_block = w->spec->where.pool_block,
			.is_ambiguous = w->spec->is_ambiguous,
			.is_forced = w->spec->is_forced,
			.status = "incomplete",
		};
		(void)snprintf(w->out->type, sizeof(w->out->type), "%s", type);
		w->out->type_id = r->type;
		s = trw_outbox_filesystem(&w->feed->outbox, &fs, err);
	}
	free(type);
	free(label);
	free(uuid);
	return s;
}

static enum trw_status
take_filesystem(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_fs_record r = {0};
	uint64_t size = trw_image_info(w->pass->image)->size;

	if (w->is_open_now || trw_fs_record_decode(f->payload, f->len, &r, NULL) < 0 ||
		r.off > size || r.len > size - r.off || r.block_count > INT64_MAX ||
		(w->out->is_open && r.type != w->type)) {
		trw_worker_distrust(w->worker, "a FILESYSTEM frame that does not fit");
		return TRW_OK;
	}
	w->is_open_now = true;
	if (w->out->is_open)
		return TRW_OK;
	w->out->is_open = true;
	w->type = r.type;
	w->request.where.type = r.type;
	w->filesystem_id = w->pass->ids->filesystem++;
	w->out->filesystem_id = w->filesystem_id;
	w->first_file = w->pass->ids->file;
	return open_filesystem(w, &r, err);
}

static bool
record_fits(const struct trw_fswalk *w, const struct trw_file_record *r)
{
	return r->ordinal == w->out->n_files &&
	       (r->parent == UINT64_MAX || r->parent < r->ordinal) && r->kind < TRW_FILE_N &&
	       r->state < TRW_STATE_N && r->source < TRW_CONTENT_N && r->size <= INT64_MAX &&
	       r->path.n > 0 && (r->source != TRW_CONTENT_INLINE || r->bytes.n <= r->size);
}

static struct trw_evidence_file
file_row(const struct trw_fswalk *w, const struct trw_file_record *r)
{
	return (struct trw_evidence_file){
		.file_id = w->first_file + (int64_t)r->ordinal,
		.filesystem_id = w->filesystem_id,
		.image_id = w->pass->image_id,
		.parent_id = r->parent == UINT64_MAX ? 0 : w->first_file + (int64_t)r->parent,
		.path = r->path.p,
		.path_len = r->path.n,
		.name = r->name.p,
		.name_len = r->name.n,
		.stream = r->stream.n > 0 ? r->stream.p : NULL,
		.stream_len = r->stream.n,
		.target = r->target.n > 0 ? r->target.p : NULL,
		.target_len = r->target.n,
		.inode = r->inode,
		.sequence = r->sequence,
		.attr_type = r->attr_type,
		.attr_id = r->attr_id,
		.kind = (enum trw_file_kind)r->kind,
		.state = (enum trw_file_state)r->state,
		.flags = r->flags,
		.size = r->size,
		.created_ns = r->created_ns,
		.modified_ns = r->modified_ns,
		.accessed_ns = r->accessed_ns,
		.changed_ns = r->changed_ns,
		.mode = r->mode,
		.n_links = r->n_links,
		.uid = r->uid,
		.gid = r->gid,
		.source = r->source,
	};
}

static enum trw_status
take_record(struct trw_fswalk *w, struct trw_file_record *r, struct trw_err *err)
{
	struct trw_evidence_file file = file_row(w, r);

	trw_extents_cut(&r->extents, r->size);
	struct trw_task task = {.file_id = file.file_id,
		.size = r->size,
		.source = r->source,
		.extents = r->extents,
		.bytes = r->bytes,
		.decode = {w->request.where, r->inode, r->attr_type, r->attr_id}};
	atomic_fetch_add_explicit(&w->pass->progress->files, 1, memory_order_relaxed);
	w->n_extra += r->stream.n > 0;
	w->out->n_files++;
	w->pass->n_files++;
	return trw_feed_file(
		w->feed, &file, &r->extents, r->source != TRW_CONTENT_NONE ? &task : NULL, err);
}

static enum trw_status
take_file(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_file_record r = {0};
	struct trw_err bad = {0};
	enum trw_status s = trw_file_record_decode(f->payload, f->len, &r, &bad);

	if (s == TRW_ENOMEM) {
		if (err != NULL)
			*err = bad;
		return s;
	}
	if (s < 0 || !w->is_open_now || !record_fits(w, &r)) {
		trw_worker_distrust(w->worker, "a FILE frame that does not fit");
		s = TRW_OK;
	} else {
		s = take_record(w, &r, err);
	}
	trw_file_record_clear(&r);
	return s;
}

static enum trw_status
post_record(struct trw_fswalk *w, const struct trw_problem_record *r, struct trw_err *err)
{
	char *path = trw_utf8_display(r->path.p, r->path.n, err), *text = clean_text(r->text, err);
	enum trw_status s = TRW_ENOMEM;

	if (path != NULL && text != NULL) {
		struct trw_evidence_problem p = {
			.image_id = w->pass->image_id,
			.volume_id = w->spec->volume_id,
			.filesystem_id = w->filesystem_id,
			.file_id = r->file == UINT64_MAX ? 0 : w->first_file + (int64_t)r->file,
			.stage = TRW_STAGE_WALK,
			.code = r->code,
			.path = r->path.n > 0 ? path : NULL,
			.inode = r->inode,
			.has_range = r->has_range,
			.off = r->off,
			.len = r->len,
			.text = text,
		};
		s = trw_outbox_problem(&w->feed->outbox, &p, err);
	}
	free(path);
	free(text);
	return s;
}

static enum trw_status
take_problem(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_problem_record r = {0};

	if (trw_problem_record_decode(f->payload, f->len, &r, NULL) < 0 || !w->is_open_now ||
		(r.file != UINT64_MAX && r.file >= w->out->n_files)) {
		trw_worker_distrust(w->worker, "a PROBLEM frame that does not fit");
		return TRW_OK;
	}
	if (w->n_problems_now++ < w->n_problems)
		return TRW_OK;
	w->n_problems++;
	return post_record(w, &r, err);
}

/* Every run of the frame lies in the image. */
static bool
blocks_fit(const struct trw_fswalk *w, const struct trw_frame *f)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_blocks_record r = {0};
	uint64_t size = trw_image_info(w->pass->image)->size;

	while (c.left > 0)
		if (trw_blocks_record_decode(&c, &r, NULL) != TRW_OK || r.off > size ||
			r.len > size - r.off)
			return false;
	return true;
}

static enum trw_status
take_blocks(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_blocks_record r = {0};
	enum trw_status s = TRW_OK;

	if (!w->is_open_now || w->request.no_blocks || !blocks_fit(w, f)) {
		w->has_blocks |= w->is_open_now;
		trw_worker_distrust(w->worker, "a BLOCKS frame that does not fit");
		return TRW_OK;
	}
	w->has_blocks = true;
	if (w->n_blocks_now++ < w->n_blocks)
		return TRW_OK;
	w->n_blocks++;
	while (s == TRW_OK && trw_blocks_record_decode(&c, &r, NULL) == TRW_OK) {
		struct trw_post_blocks row = {
			w->filesystem_id, r.off, r.len, (enum trw_block_class)r.class};
		s = trw_outbox_blocks(&w->feed->outbox, &row, err);
	}
	return s;
}

static void
take_done(struct trw_fswalk *w, const struct trw_frame *f)
{
	struct trw_walk_done d = {0};

	if (!w->is_open_now || trw_walk_done_decode(f->payload, f->len, &d, NULL) < 0 ||
		d.n_files != w->out->n_files) {
		trw_worker_distrust(w->worker, "a DONE frame that does not fit");
		return;
	}
	w->done = d;
	w->has_done = true;
	w->is_over = true;
	unsigned n = w->n_passed;
	if (n == 0)
		(void)snprintf(w->status, sizeof(w->status), "complete");
	else
		(void)snprintf(w->status, sizeof(w->status),
			"complete but for what %u worker death%s passed over", n,
			n == 1 ? "" : "s");
}

static enum trw_status
take_failed(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_err why = {0};
	enum trw_status status = trw_frame_failed(f, &why);

	if (status == TRW_ENOMEM) {
		if (err != NULL)
			*err = why;
		return status;
	}
	w->is_over = true;
	w->is_leaving = status != TRW_EUNSUPPORTED && status != TRW_ECORRUPT;
	if (!w->out->is_open) {
		w->out->failed = status == TRW_EUNSUPPORTED ? TRW_EUNSUPPORTED : TRW_ECORRUPT;
		(void)snprintf(w->out->text, sizeof(w->out->text), "%s", why.text);
		return TRW_OK;
	}
	(void)snprintf(w->status, sizeof(w->status), "ended early: %s", why.text);
	return trw_fsframes_problem(w, TRW_CODE_WALK_FAILED, 0, w->status, err);
}

enum trw_status
trw_fsframes_take(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	switch ((int)f->type) {
	case TRW_FRAME_FILESYSTEM:
		return take_filesystem(w, f, err);
	case TRW_FRAME_FILE:
		return take_file(w, f, err);
	case TRW_FRAME_PROBLEM:
		return take_problem(w, f, err);
	case TRW_FRAME_BLOCKS:
		return take_blocks(w, f, err);
	case TRW_FRAME_DONE:
		take_done(w, f);
		return TRW_OK;
	case TRW_FRAME_FAILED:
		return take_failed(w, f, err);
	default:
		trw_worker_distrust(w->worker, "a frame that does not belong to a walk");
		return TRW_OK;
	}
}
