/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker sends is taken as what a stranger says: a frame that does not fit ends the worker, and no value
 * in it reaches the database that the database would refuse.
 */
#include "index/survey/fsframes.h"

#include <stdio.h>

enum trw_status
trw_fsframes_problem(struct trw_fswalk *w, enum trw_code code, uint64_t inode, const char *text,
	struct trw_err *err)
{
	struct trw_problem p = {.image_id = w->pass->image_id,
		.volume_id = w->spec->volume_id,
		.filesystem_id = w->filesystem_id,
		.stage = TRW_STAGE_WALK,
		.code = code,
		.inode = inode,
		.text = trw_bytes_of(text)};

	return trw_outbox_problem(&w->feed->outbox, &p, err);
}

static enum trw_status
open_filesystem(struct trw_fswalk *w, struct trw_filesystem *fs, struct trw_err *err)
{
	w->out->is_open = true;
	w->family = fs->family;
	w->request.where.family = fs->family;
	w->filesystem_id = w->pass->ids->filesystem++;
	w->first_file = w->pass->ids->file;
	w->out->filesystem_id = w->filesystem_id;
	w->out->family = fs->family;
	(void)snprintf(w->out->type, sizeof(w->out->type), "%.*s",
		(int)(fs->type.n < sizeof(w->out->type) ? fs->type.n : sizeof(w->out->type)),
		(const char *)fs->type.p);
	fs->filesystem_id = w->filesystem_id;
	fs->volume_id = w->spec->volume_id;
	fs->image_id = w->pass->image_id;
	fs->pool_block = w->spec->where.space.pool_block;
	fs->is_ambiguous = w->spec->is_ambiguous;
	fs->is_forced = w->spec->is_forced;
	fs->status = trw_bytes_of("incomplete");
	return trw_outbox_put(&w->feed->outbox,
		&(struct trw_row){.kind = TRW_ROW_FILESYSTEM, .u.filesystem = *fs}, err);
}

static enum trw_status
take_filesystem(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_filesystem fs = {0};
	uint64_t size = trw_image_info(w->pass->image)->size;

	if (w->state != TRW_FSWALK_OPENING ||
		trw_filesystem_decode(f->payload, f->len, &fs, NULL) < 0 || fs.off > size ||
		fs.len > size - fs.off || fs.block_count > INT64_MAX ||
		(w->out->is_open && fs.family != w->family)) {
		trw_worker_distrust(w->talk->worker, "a FILESYSTEM frame that does not fit");
		return TRW_OK;
	}
	w->state = TRW_FSWALK_RUNNING;
	return w->out->is_open ? TRW_OK : open_filesystem(w, &fs, err);
}

static bool
file_fits(const struct trw_fswalk *w, const struct trw_file *file)
{
	return (uint64_t)file->file_id == w->out->n_files + 1 && file->path.n > 0 &&
	       (file->content_source != TRW_CONTENT_INLINE || file->bytes.n <= file->size);
}

/* The worker numbers files from 1. */
static int64_t
id_of(const struct trw_fswalk *w, int64_t number)
{
	return number == 0 ? 0 : w->first_file + number - 1;
}

static enum trw_status
post_file(struct trw_fswalk *w, struct trw_file *file, struct trw_err *err)
{
	trw_extents_cut(&file->extents, file->size);
	file->file_id = id_of(w, file->file_id);
	file->parent_id = id_of(w, file->parent_id);
	file->filesystem_id = w->filesystem_id;
	file->image_id = w->pass->image_id;
	struct trw_task task = {.file_id = file->file_id,
		.size = file->size,
		.source = file->content_source,
		.extents = file->extents,
		.bytes = file->bytes,
		.decode = {
			w->request.where, file->inode, file->attr_type, file->attr_id, file->size}};
	atomic_fetch_add_explicit(&w->pass->progress->files, 1, memory_order_relaxed);
	w->n_extra += file->stream.n > 0;
	w->out->n_files++;
	w->pass->n_files++;
	return trw_feed_file(
		w->feed, file, file->content_source != TRW_CONTENT_NONE ? &task : NULL, err);
}

static enum trw_status
take_file(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_file file;
	struct trw_err bad = {0};
	enum trw_status s = trw_file_decode(f->payload, f->len, &file, &bad);

	if (s == TRW_ENOMEM) {
		if (err != NULL)
			*err = bad;
		return s;
	}
	if (s < 0 || w->state != TRW_FSWALK_RUNNING || !file_fits(w, &file)) {
		trw_worker_distrust(w->talk->worker, "a FILE frame that does not fit");
		s = TRW_OK;
	} else {
		s = post_file(w, &file, err);
	}
	trw_file_clear(&file);
	return s;
}

static enum trw_status
take_problem(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_problem p;

	if (trw_problem_decode(f->payload, f->len, &p, NULL) < 0 ||
		w->state != TRW_FSWALK_RUNNING || (uint64_t)p.file_id > w->out->n_files) {
		trw_worker_distrust(w->talk->worker, "a PROBLEM frame that does not fit");
		return TRW_OK;
	}
	if (w->here.n_problems++ < w->taken.n_problems)
		return TRW_OK;
	w->taken.n_problems++;
	p.image_id = w->pass->image_id;
	p.volume_id = w->spec->volume_id;
	p.filesystem_id = w->filesystem_id;
	p.file_id = id_of(w, p.file_id);
	p.stage = TRW_STAGE_WALK;
	return trw_outbox_problem(&w->feed->outbox, &p, err);
}

/* Every run of the frame lies in the image. */
static bool
blocks_fit(const struct trw_fswalk *w, const struct trw_frame *f)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_blocks run;
	uint64_t size = trw_image_info(w->pass->image)->size;

	while (c.left > 0)
		if (trw_blocks_decode(&c, &run, NULL) != TRW_OK || run.off > size ||
			run.len > size - run.off)
			return false;
	return true;
}

static enum trw_status
take_blocks(struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_row row = {.kind = TRW_ROW_BLOCKS};
	enum trw_status s = TRW_OK;

	if (w->state != TRW_FSWALK_RUNNING || w->request.no_blocks || !blocks_fit(w, f)) {
		w->has_blocks |= w->state == TRW_FSWALK_RUNNING;
		trw_worker_distrust(w->talk->worker, "a BLOCKS frame that does not fit");
		return TRW_OK;
	}
	w->has_blocks = true;
	if (w->here.n_blocks++ < w->taken.n_blocks)
		return TRW_OK;
	w->taken.n_blocks++;
	while (s == TRW_OK && trw_blocks_decode(&c, &row.u.blocks, NULL) == TRW_OK) {
		row.u.blocks.filesystem_id = w->filesystem_id;
		s = trw_outbox_put(&w->feed->outbox, &row, err);
	}
	return s;
}

static enum trw_status
take_done(struct trw_fswalk *w, const struct trw_frame *f)
{
	struct trw_walk_done d;

	if (w->state != TRW_FSWALK_RUNNING ||
		trw_walk_done_decode(f->payload, f->len, &d, NULL) < 0 ||
		d.n_files != w->out->n_files) {
		trw_worker_distrust(w->talk->worker, "a DONE frame that does not fit");
		return TRW_OK;
	}
	w->done = d;
	w->state = TRW_FSWALK_COMPLETE;
	unsigned n = w->n_passed;
	if (n == 0)
		(void)snprintf(w->status, sizeof(w->status), "complete");
	else
		(void)snprintf(w->status, sizeof(w->status),
			"complete but for what %u worker death%s passed over", n,
			n == 1 ? "" : "s");
	return TRW_END;
}

enum trw_status
trw_fsframes_take(void *ctx, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_fswalk *w = ctx;

	if (trw_first_error_stops(w->pass->first_error))
		return trw_fail(err, TRW_ECANCEL, "the run is ending");
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
		return take_done(w, f);
	default:
		trw_worker_distrust(w->talk->worker, "a frame that does not belong to a walk");
		return TRW_OK;
	}
}
