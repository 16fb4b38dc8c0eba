/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to WALK is FILESYSTEM, then FILE and PROBLEM frames in walk order, then BLOCKS, then DONE; the
 * same image gives the same answer each time. So after a death a fresh worker is told how many file records
 * have come (it generates those silently) and which item to pass over, and here as many problems are dropped
 * as had come. Block runs cannot be resumed: a death after the first of them leaves the rest of the file
 * system's bytes unclassified, which the ledger shows.
 *
 * A file's id is first_file + ordinal: position in the walk, whatever happened on the way.
 */
#include "index/fswalk.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX ((uint64_t)200000000)
#define DIR_MAX ((uint64_t)10000000)
#define DEPTH_MAX 1000

struct fswalk {
	struct trw_feed *feed;
	struct trw_pass *pass;
	const struct trw_fswalk_spec *spec;
	struct trw_fswalk_result *out;
	struct trw_walk_request request;
	struct trw_worker *worker;
	int64_t filesystem_id, first_file;
	uint64_t n_problems;     /* ever received */
	uint64_t n_problems_now; /* of this worker */
	uint64_t n_extra;        /* file records with a stream name */
	uint32_t type;           /* as found by the first worker */
	bool is_open_now;        /* this worker has sent FILESYSTEM */
	bool has_blocks;         /* a BLOCKS frame came */
	unsigned n_deaths, n_hangs;
	struct trw_crumb_view last_crumb;
	bool is_over; /* DONE, FAILED or given up */
	struct trw_walk_done done;
	bool has_done;
	char status[TRW_ERR_TEXT_MAX + 64];
};

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

/* Codes and stages are words of ours: a worker that sends something else is not to be trusted. */
static bool
is_word(struct trw_bytes b)
{
	if (b.n == 0 || b.n > 64)
		return false;
	for (size_t i = 0; i < b.n; i++)
		if (!(b.p[i] >= 'a' && b.p[i] <= 'z') && b.p[i] != '-' &&
			!(b.p[i] >= '0' && b.p[i] <= '9'))
			return false;
	return true;
}

static enum trw_status
post_problem(
	struct fswalk *w, const char *code, uint64_t inode, const char *text, struct trw_err *err)
{
	struct trw_evidence_problem p = {.image_id = w->pass->image_id,
		.volume_id = w->spec->volume_id,
		.filesystem_id = w->filesystem_id,
		.stage = "walk",
		.code = code,
		.inode = inode,
		.text = text};

	return trw_outbox_problem(&w->feed->outbox, &p, err);
}

static enum trw_status
open_filesystem(struct fswalk *w, const struct trw_fs_record *r, struct trw_err *err)
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
		s = trw_outbox_filesystem(&w->feed->outbox, &fs, err);
	}
	free(type);
	free(label);
	free(uuid);
	return s;
}

static enum trw_status
take_filesystem(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
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
	w->first_file = w->pass->ids->file;
	return open_filesystem(w, &r, err);
}

static bool
record_fits(const struct fswalk *w, const struct trw_file_record *r)
{
	return r->ordinal == w->out->n_files &&
	       (r->parent == UINT64_MAX || r->parent < r->ordinal) && r->kind < TRW_FILE_N &&
	       r->state < TRW_STATE_N && r->source < TRW_CONTENT_N && r->size <= INT64_MAX &&
	       r->path.n > 0 && (r->source != TRW_CONTENT_INLINE || r->bytes.n <= r->size);
}

static struct trw_evidence_file
file_row(const struct fswalk *w, const struct trw_file_record *r)
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
		.has_content = r->source != TRW_CONTENT_NONE,
	};
}

/*
 * A hostile file system can claim streams of exabytes of zeros. Each stream has a cap, and so have all of an
 * image together; both are counted here, in walk order, so that the number of hashers changes nothing.
 */
static bool
grant(struct fswalk *w, const struct trw_task *task)
{
	uint64_t size = trw_image_info(w->pass->image)->size;
	uint64_t max = w->pass->options->sparse_max;
	uint64_t hollow = trw_task_hollow(task, size);
	uint64_t one = task->source == TRW_CONTENT_DECODE ? max + size : max;
	uint64_t all = 4 * max + 8 * size;

	if (hollow > one || hollow > all || w->feed->hollow > all - hollow)
		return false;
	w->feed->hollow += hollow;
	return true;
}

static enum trw_status
post_refusal(struct fswalk *w, const struct trw_task *task, struct trw_err *err)
{
	struct trw_evidence_content content = {
		.file_id = task->file_id, .state = TRW_DIGEST_NONE, .size = task->size};
	struct trw_ranges none = {0};
	char text[256];
	char *path = trw_utf8_display(task->path, task->path_len, err);

	if (path == NULL)
		return TRW_ENOMEM;
	(void)snprintf(text, sizeof(text),
		"not digested: %" PRIu64 " of its %" PRIu64
		" bytes have no byte of the image behind them, past the limit; raise --max-sparse",
		trw_task_hollow(task, trw_image_info(w->pass->image)->size), task->size);
	struct trw_evidence_problem p = {.image_id = w->pass->image_id,
		.volume_id = w->spec->volume_id,
		.filesystem_id = w->filesystem_id,
		.file_id = task->file_id,
		.stage = "read",
		.code = "sparse-limit",
		.path = path,
		.inode = task->inode,
		.text = text};
	enum trw_status s = trw_outbox_problem(&w->feed->outbox, &p, err);
	free(path);
	if (s < 0)
		return s;
	return trw_outbox_content(&w->feed->outbox, &content, &none, err);
}

static enum trw_status
take_record(struct fswalk *w, struct trw_file_record *r, struct trw_err *err)
{
	struct trw_evidence_file file = file_row(w, r);
	struct trw_task *task = NULL;
	enum trw_status s = TRW_OK;

	trw_extents_cut(&r->extents, r->size);
	if (r->source != TRW_CONTENT_NONE) {
		s = trw_task_new(r, &task, err);
		if (s < 0)
			return s;
		task->file_id = file.file_id;
		task->filesystem_id = w->filesystem_id;
		task->volume_id = w->spec->volume_id;
		task->where = w->request.where;
	}
	bool granted = task == NULL || grant(w, task);
	if (task != NULL)
		atomic_fetch_add_explicit(
			&w->pass->progress->bytes_total, r->size, memory_order_relaxed);
	atomic_fetch_add_explicit(&w->pass->progress->files, 1, memory_order_relaxed);
	s = trw_feed_file(w->feed, &file, &r->extents, granted ? task : NULL, err);
	if (s == TRW_OK && !granted)
		s = post_refusal(w, task, err);
	if (!granted)
		trw_task_free(task);
	w->n_extra += r->stream.n > 0;
	w->out->n_files++;
	w->pass->n_files++;
	return s;
}

static enum trw_status
take_file(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
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
post_record(struct fswalk *w, const struct trw_problem_record *r, struct trw_err *err)
{
	char *stage = clean_text(r->stage, err), *code = clean_text(r->code, err),
	     *path = trw_utf8_display(r->path.p, r->path.n, err), *text = clean_text(r->text, err);
	enum trw_status s = TRW_ENOMEM;

	if (stage != NULL && code != NULL && path != NULL && text != NULL) {
		struct trw_evidence_problem p = {
			.image_id = w->pass->image_id,
			.volume_id = w->spec->volume_id,
			.filesystem_id = w->filesystem_id,
			.file_id = r->file == UINT64_MAX ? 0 : w->first_file + (int64_t)r->file,
			.stage = stage,
			.code = code,
			.path = r->path.n > 0 ? path : NULL,
			.inode = r->inode,
			.has_range = r->has_range,
			.off = r->off,
			.len = r->len,
			.text = text,
		};
		s = trw_outbox_problem(&w->feed->outbox, &p, err);
	}
	free(stage);
	free(code);
	free(path);
	free(text);
	return s;
}

static enum trw_status
take_problem(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_problem_record r = {0};

	if (trw_problem_record_decode(f->payload, f->len, &r, NULL) < 0 || !w->is_open_now ||
		!is_word(r.stage) || !is_word(r.code) ||
		(r.file != UINT64_MAX && r.file >= w->out->n_files)) {
		trw_worker_distrust(w->worker, "a PROBLEM frame that does not fit");
		return TRW_OK;
	}
	if (w->n_problems_now++ < w->n_problems)
		return TRW_OK;
	w->n_problems++;
	return post_record(w, &r, err);
}

static enum trw_status
take_blocks(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_blocks_record r = {0};
	uint64_t size = trw_image_info(w->pass->image)->size;
	enum trw_status s = TRW_OK;

	w->has_blocks = true;
	while (s == TRW_OK && trw_blocks_record_decode(&c, &r, NULL) == TRW_OK) {
		if (r.off > size || r.len > size - r.off || r.class > TRW_BLOCK_UNALLOCATED)
			break;
		struct trw_post_blocks row = {
			w->filesystem_id, r.off, r.len, (enum trw_block_class)r.class};
		s = trw_outbox_blocks(&w->feed->outbox, &row, err);
	}
	if (s == TRW_OK && (c.left > 0 || c.bad || !w->is_open_now))
		trw_worker_distrust(w->worker, "a BLOCKS frame that does not fit");
	return s;
}

static void
take_done(struct fswalk *w, const struct trw_frame *f)
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
	unsigned n = w->n_deaths;
	if (n == 0)
		(void)snprintf(w->status, sizeof(w->status), "complete");
	else
		(void)snprintf(w->status, sizeof(w->status),
			"complete but for what %u worker death%s passed over", n,
			n == 1 ? "" : "s");
}

static enum trw_status
take_failed(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	uint32_t status = trw_cur_u32(&c);
	struct trw_bytes b = {0};

	b.p = trw_cur_bytes(&c, TRW_TEXT_MAX_BYTES, &b.n);
	char *text = clean_text(b, err);
	if (text == NULL)
		return TRW_ENOMEM;
	w->is_over = true;
	enum trw_status s = TRW_OK;
	if (w->out->is_open) {
		(void)snprintf(
			w->status, sizeof(w->status), "ended early: %.*s", TRW_ERR_TEXT_MAX, text);
		s = post_problem(w, "walk-failed", 0, w->status, err);
	} else {
		w->out->failed =
			status == (uint32_t)-TRW_EUNSUPPORTED ? TRW_EUNSUPPORTED : TRW_ECORRUPT;
		(void)snprintf(w->out->text, sizeof(w->out->text), "%s", text);
	}
	free(text);
	return s;
}

static enum trw_status
take_frame(struct fswalk *w, const struct trw_frame *f, struct trw_err *err)
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

static enum trw_status
give_up(struct fswalk *w, const char *why, struct trw_err *err)
{
	w->is_over = true;
	(void)snprintf(w->status, sizeof(w->status), "given up: %s", why);
	char text[sizeof(w->status) + 128];
	(void)snprintf(text, sizeof(text),
		"%s; %" PRIu64 " names are indexed, others may be missing", w->status,
		w->out->n_files);
	return post_problem(w, "walk-given-up", 0, text, err);
}

/* What the next worker must not touch again. */
static void
pass_over(struct fswalk *w, const struct trw_crumb_view *crumb)
{
	struct trw_walk_request *q = &w->request;

	if (crumb->step == TRW_STEP_ORPHANS)
		q->no_orphans = true;
	else if (crumb->step == TRW_STEP_BLOCKS || w->has_blocks)
		q->no_blocks = true;
	else if (q->n_skips < TRW_SKIP_MAX && crumb->step >= TRW_STEP_DIRECTORY)
		q->skips[q->n_skips++] = (struct trw_skip){crumb->inode, crumb->step};
	if (w->has_blocks)
		q->no_blocks = true;
	q->sent = w->out->n_files;
}

/* The worker is lost. code NULL: it could not even be started again. */
static enum trw_status
take_death(
	struct fswalk *w, const struct trw_worker_end *end, const char *text, struct trw_err *err)
{
	struct trw_crumb_view crumb = end != NULL ? end->crumb : (struct trw_crumb_view){0};

	if (!w->out->is_open) {
		w->is_over = true;
		w->out->has_died = true;
		(void)snprintf(w->out->text, sizeof(w->out->text), "the worker was %.400s", text);
		return TRW_OK;
	}
	char line[TRW_ERR_TEXT_MAX + 64];
	(void)snprintf(
		line, sizeof(line), "the walk worker was %.400s; the walk goes on behind it", text);
	enum trw_status s = post_problem(
		w, end != NULL ? trw_pass_end_code(end) : "worker-crash", crumb.inode, line, err);
	bool again = w->n_deaths > 0 && crumb.inode == w->last_crumb.inode &&
		     crumb.step == w->last_crumb.step;
	w->n_deaths++;
	w->n_hangs += end != NULL && end->is_hung;
	w->last_crumb = crumb;
	if (s < 0)
		return s;
	if (again)
		return give_up(w, "the same item ended two workers", err);
	if (w->n_deaths >= TRW_WALK_DEATHS_MAX)
		return give_up(w, "too many worker deaths", err);
	if (w->n_hangs >= TRW_WALK_HANGS_MAX)
		return give_up(w, "too many worker hangs", err);
	pass_over(w, &crumb);
	return TRW_OK;
}

/* Start a worker where there is none, and send the request. */
static enum trw_status
ask(struct fswalk *w, struct trw_err *err)
{
	struct trw_worker_spec spec = trw_pass_worker(w->pass, "walk");
	struct trw_buf b = {0};
	enum trw_status s = TRW_OK;

	w->is_open_now = false;
	w->n_problems_now = 0;
	if (w->spec->quiet_max_ns > 0)
		spec.quiet_max_ns = w->spec->quiet_max_ns;
	if (w->worker == NULL)
		s = trw_worker_start(&spec, &w->worker, err);
	if (s == TRW_OK)
		s = trw_walk_request_encode(&w->request, &b, err);
	if (s == TRW_OK)
		s = trw_worker_send(w->worker, TRW_FRAME_WALK, b.v, b.n, err);
	trw_buf_clear(&b);
	return s;
}

/* One worker's answer, to its end or the worker's. */
static enum trw_status
hear(struct fswalk *w, struct trw_err *err)
{
	struct trw_err lost = {0};
	enum trw_status s = ask(w, &lost);
	bool is_asked = s == TRW_OK;

	while (s == TRW_OK && !w->is_over) {
		struct trw_frame f;
		if (trw_latch_stops(w->pass->latch))
			return trw_fail(err, TRW_ECANCEL, "the run is ending");
		s = trw_worker_recv(w->worker, &f, &lost);
		if (s == TRW_OK && (s = take_frame(w, &f, err)) < 0)
			return s;
	}
	if (s == TRW_OK)
		return TRW_OK;
	if (s != TRW_EWORKER && (s != TRW_EIO || is_asked)) {
		if (err != NULL)
			*err = lost;
		return s;
	}
	const struct trw_worker_end *end =
		w->worker != NULL && is_asked ? trw_worker_ended(w->worker) : NULL;
	s = take_death(w, end, end != NULL ? end->text : lost.text, err);
	trw_worker_stop(w->worker);
	w->worker = NULL;
	return s;
}

/* What the walk saw, for the ledger. Without a DONE only the rows are known. */
static enum trw_status
post_items(struct fswalk *w, struct trw_err *err)
{
	struct trw_outbox *o = &w->feed->outbox;
	struct trw_walk_done d = w->done;

	if (!w->has_done)
		d = (struct trw_walk_done){
			.names_seen = w->out->n_files - w->n_extra, .streams_extra = w->n_extra};
	enum trw_status s = trw_outbox_items(o, w->filesystem_id, "seen", d.names_seen, err);
	if (s == TRW_OK)
		s = trw_outbox_items(o, w->filesystem_id, "dot entry", d.names_dot, err);
	if (s == TRW_OK)
		s = trw_outbox_items(o, w->filesystem_id, "over the cap", d.names_capped, err);
	if (s == TRW_OK)
		s = trw_outbox_items(o, w->filesystem_id, "extra stream", d.streams_extra, err);
	return s;
}

static enum trw_status
finish(struct fswalk *w, struct trw_err *err)
{
	if (!w->out->is_open)
		return TRW_OK;
	w->pass->ids->file += (int64_t)w->out->n_files;
	enum trw_status s = post_items(w, err);
	if (s == TRW_OK)
		s = trw_outbox_filesystem_status(
			&w->feed->outbox, w->filesystem_id, w->status, err);
	return s;
}

enum trw_status
trw_fswalk_run(struct trw_feed *feed, const struct trw_fswalk_spec *spec,
	struct trw_worker **worker, struct trw_fswalk_result *out, struct trw_err *err)
{
	struct fswalk *w = trw_alloc(1, sizeof(*w), err);
	enum trw_status s = TRW_OK;

	*out = (struct trw_fswalk_result){0};
	if (w == NULL)
		return TRW_ENOMEM;
	w->feed = feed;
	w->pass = feed->pass;
	w->spec = spec;
	w->out = out;
	w->worker = *worker;
	w->request.where = spec->where;
	w->request.names_max = NAMES_MAX;
	w->request.dir_max = DIR_MAX;
	w->request.depth_max = DEPTH_MAX;
	while (s == TRW_OK && !w->is_over)
		s = hear(w, err);
	if (s == TRW_OK)
		s = finish(w, err);
	if (s < 0) {
		trw_worker_stop(w->worker);
		w->worker = NULL;
	}
	*worker = w->worker;
	free(w);
	return s;
}
