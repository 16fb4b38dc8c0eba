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
#include "index/fsframes.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_MAX ((uint64_t)200000000)
#define DIR_MAX ((uint64_t)10000000)
#define DEPTH_MAX 1000

static enum trw_status
give_up(struct trw_fswalk *w, const char *why, struct trw_err *err)
{
	w->is_over = true;
	(void)snprintf(w->status, sizeof(w->status), "given up: %s", why);
	char text[sizeof(w->status) + 128];
	(void)snprintf(text, sizeof(text),
		"%s; %" PRIu64 " names are indexed, others may be missing", w->status,
		w->out->n_files);
	return trw_fsframes_problem(w, "walk-given-up", 0, text, err);
}

/*
 * What the next worker must not touch again. One that broke the protocol was put down wherever it had got to in
 * the meantime: nothing that its crumb names is to blame.
 */
static void
pass_over(struct trw_fswalk *w, const struct trw_crumb_view *crumb, bool is_protocol)
{
	struct trw_walk_request *q = &w->request;

	if (w->has_blocks || (crumb->step == TRW_STEP_BLOCKS && !is_protocol))
		q->no_blocks = true;
	else if (crumb->step == TRW_STEP_ORPHANS && !is_protocol)
		q->no_orphans = true;
	else if (q->n_skips < TRW_SKIP_MAX && crumb->step >= TRW_STEP_DIRECTORY && !is_protocol)
		q->skips[q->n_skips++] = (struct trw_skip){crumb->inode, crumb->step};
	q->sent = w->out->n_files;
}

/* Whether what ended the last worker has ended this one too. Of broken frames only what had come says it. */
static bool
is_again(const struct trw_fswalk *w, const struct trw_crumb_view *crumb, bool is_protocol)
{
	if (w->n_deaths == 0 || is_protocol != w->was_protocol)
		return false;
	if (is_protocol)
		return w->out->n_files == w->last_files && w->n_problems == w->last_problems;
	return crumb->inode == w->last_crumb.inode && crumb->step == w->last_crumb.step;
}

/* The worker is lost. end NULL: it could not even be started again. */
static enum trw_status
take_death(struct trw_fswalk *w, const struct trw_worker_end *end, const char *text,
	struct trw_err *err)
{
	struct trw_crumb_view crumb = end != NULL ? end->crumb : (struct trw_crumb_view){0};
	bool is_protocol = end != NULL && end->is_protocol;

	if (!w->out->is_open) {
		w->is_over = true;
		w->out->has_died = true;
		(void)snprintf(w->out->text, sizeof(w->out->text), "the worker was %.400s", text);
		return TRW_OK;
	}
	char line[TRW_ERR_TEXT_MAX + 64];
	(void)snprintf(
		line, sizeof(line), "the walk worker was %.400s; the walk goes on behind it", text);
	enum trw_status s = trw_fsframes_problem(
		w, end != NULL ? trw_pass_end_code(end) : "worker-crash", crumb.inode, line, err);
	bool again = is_again(w, &crumb, is_protocol);
	w->n_deaths++;
	w->n_hangs += end != NULL && end->is_hung;
	w->last_crumb = crumb;
	w->was_protocol = is_protocol;
	w->last_files = w->out->n_files;
	w->last_problems = w->n_problems;
	if (s < 0)
		return s;
	if (again)
		return give_up(w, "the same item ended two workers", err);
	if (w->n_deaths >= TRW_WALK_DEATHS_MAX)
		return give_up(w, "too many worker deaths", err);
	if (w->n_hangs >= TRW_WALK_HANGS_MAX)
		return give_up(w, "too many worker hangs", err);
	pass_over(w, &crumb, is_protocol);
	return TRW_OK;
}

/* Start a worker where there is none, and send the request. */
static enum trw_status
ask(struct trw_fswalk *w, struct trw_err *err)
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
hear(struct trw_fswalk *w, struct trw_err *err)
{
	struct trw_err lost = {0};
	enum trw_status s = ask(w, &lost);
	bool is_asked = s == TRW_OK;

	while (s == TRW_OK && !w->is_over) {
		struct trw_frame f;
		if (trw_latch_stops(w->pass->latch))
			return trw_fail(err, TRW_ECANCEL, "the run is ending");
		s = trw_worker_recv(w->worker, &f, &lost);
		if (s == TRW_OK && (s = trw_fsframes_take(w, &f, err)) < 0)
			return s;
	}
	if (s == TRW_OK) {
		if (w->is_leaving) {
			trw_worker_stop(w->worker);
			w->worker = NULL;
		}
		return TRW_OK;
	}
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
post_items(struct trw_fswalk *w, struct trw_err *err)
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
finish(struct trw_fswalk *w, struct trw_err *err)
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
	struct trw_fswalk *w = trw_alloc(1, sizeof(*w), err);
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
