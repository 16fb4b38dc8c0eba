/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to WALK is FILESYSTEM, then FILE and PROBLEM frames in walk order, then BLOCKS, then DONE; the
 * same image gives the same answer each time. So after a death a fresh worker is told how many file records
 * have come (it generates those silently), and here as many problems and block frames are dropped as had come.
 *
 * The item that a worker died over is tried once more by that fresh worker. Should it die there too, the item is
 * a problem, and the next worker passes over it; after that it ends the walk. A death that does not repeat
 * leaves a line in the audit chain and no row: the rows are those of a walk that nothing disturbed.
 *
 * A file's id is first_file + ordinal: position in the walk, whatever happened on the way.
 */
#include "index/survey/fswalk.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_MAX ((uint64_t)200000000)
#define DIR_MAX ((uint64_t)10000000)
#define DEPTH_MAX 1000

static enum trw_status
give_up(struct trw_fswalk *w, const char *why, struct trw_err *err)
{
	w->state = TRW_FSWALK_ENDED;
	(void)snprintf(w->status, sizeof(w->status), "given up: %s", why);
	char text[sizeof(w->status) + 128];
	(void)snprintf(text, sizeof(text),
		"%s; %" PRIu64 " names are indexed, others may be missing", w->status,
		w->out->n_files);
	return trw_fsframes_problem(w, TRW_CODE_WALK_GIVEN_UP, 0, text, err);
}

/*
 * What the next worker must not touch again. A worker that broke the protocol was killed later, so its activity page
 * does not name the cause.
 */
static void
pass_over(struct trw_fswalk *w, const struct trw_activity_view *activity, bool is_protocol)
{
	struct trw_walk_request *q = &w->request;

	w->n_passed++;
	if (w->has_blocks || (activity->step == TRW_STEP_BLOCKS && !is_protocol))
		q->no_blocks = true;
	else if (activity->step == TRW_STEP_ORPHANS && !is_protocol)
		q->no_orphans = true;
	else if (q->n_skips < TRW_SKIP_MAX && activity->step >= TRW_STEP_DIRECTORY && !is_protocol)
		q->skips[q->n_skips++] = (struct trw_skip){activity->inode, activity->step};
}

/* Whether two workers ended over the same thing. Of broken frames only what had come before says it. */
static bool
is_same(const struct trw_fswalk_death *a, const struct trw_fswalk_death *b)
{
	if (a->is_protocol != b->is_protocol)
		return false;
	if (a->is_protocol)
		return a->n_files == b->n_files && a->n_problems == b->n_problems;
	return a->activity.inode == b->activity.inode && a->activity.step == b->activity.step;
}

/* The first death over an item: for the record only. */
static enum trw_status
try_again(struct trw_fswalk *w, const char *text, struct trw_err *err)
{
	char line[TRW_ERR_TEXT_MAX + 128];

	(void)snprintf(line, sizeof(line),
		"image=%" PRId64 " volume=%" PRId64
		": the walk worker was %.400s; a fresh one tries the same again",
		w->pass->image_id, w->spec->volume_id, text);
	return trw_outbox_audit(&w->feed->outbox, "retry", line, err);
}

/* The item has ended two workers, or there were too many deaths to try each twice. */
static enum trw_status
take_poison(struct trw_fswalk *w, const struct trw_fswalk_death *death, enum trw_code code,
	const char *text, struct trw_err *err)
{
	char line[TRW_ERR_TEXT_MAX + 64];
	bool has_way =
		!w->is_passed && (!death->is_protocol || (w->has_blocks && !w->request.no_blocks));

	(void)snprintf(line, sizeof(line), "the walk worker was %.400s; %s", text,
		has_way ? "the walk goes on behind it" : "the walk ends here");
	enum trw_status s = trw_fsframes_problem(w, code, death->activity.inode, line, err);
	if (s < 0)
		return s;
	if (!has_way)
		return give_up(w, "the same item ended worker after worker", err);
	if (++w->n_deaths >= TRW_WALK_DEATHS_MAX)
		return give_up(w, "too many worker deaths", err);
	w->n_hangs += death->is_hung;
	if (w->n_hangs >= TRW_WALK_HANGS_MAX)
		return give_up(w, "too many worker hangs", err);
	pass_over(w, &death->activity, death->is_protocol);
	w->is_passed = true;
	return TRW_OK;
}

static enum trw_status
take_death(struct trw_fswalk *w, const struct trw_talk_end *end, struct trw_err *err)
{
	struct trw_fswalk_death now = {
		.n_files = w->out->n_files, .n_problems = w->taken.n_problems};

	if (end->has_worker_end) {
		now.activity = end->worker.activity;
		now.is_protocol = end->worker.is_protocol;
		now.is_hung = end->worker.is_hung;
	}
	bool is_again = w->n_ends > 0 && is_same(&w->last, &now);
	bool may_try =
		w->n_ends < 2 * TRW_WALK_DEATHS_MAX && w->n_hung_ends < 2 * TRW_WALK_HANGS_MAX;
	w->n_ends++;
	w->n_hung_ends += now.is_hung;
	w->request.sent = w->out->n_files;
	if (!is_again) {
		w->last = now;
		w->is_passed = false;
	}
	if (!is_again && may_try)
		return try_again(w, trw_talk_how_text(end), err);
	if (w->out->is_open)
		return take_poison(w, &now, trw_talk_code(end), trw_talk_how_text(end), err);
	w->state = TRW_FSWALK_ENDED;
	w->out->has_died = true;
	(void)snprintf(w->out->text, sizeof(w->out->text), "the worker was %.400s",
		trw_talk_how_text(end));
	return TRW_OK;
}

/* The worker said why it cannot go on. */
static enum trw_status
take_failed(struct trw_fswalk *w, const struct trw_err *why, struct trw_err *err)
{
	w->state = TRW_FSWALK_ENDED;
	if (!w->out->is_open) {
		w->out->failed = why->status == TRW_EUNSUPPORTED ? TRW_EUNSUPPORTED : TRW_ECORRUPT;
		(void)snprintf(w->out->text, sizeof(w->out->text), "%s", why->text);
		return TRW_OK;
	}
	(void)snprintf(w->status, sizeof(w->status), "ended early: %s", why->text);
	return trw_fsframes_problem(w, TRW_CODE_WALK_FAILED, 0, w->status, err);
}

/* One worker's answer, to its end or the worker's. */
static enum trw_status
ask(struct trw_fswalk *w, struct trw_err *err)
{
	struct trw_talk_request request = {
		.type = TRW_FRAME_WALK, .take = trw_fsframes_take, .ctx = w};
	struct trw_talk_end end;
	struct trw_buf b = {0};
	enum trw_status s = trw_walk_request_encode(&w->request, &b, err);

	w->state = TRW_FSWALK_OPENING;
	w->here = (struct trw_walk_progress){0};
	request.payload = b.v;
	request.n = b.n;
	if (s == TRW_OK)
		s = trw_talk(w->talk, &request, &end, err);
	trw_buf_clear(&b);
	if (s < 0 || end.how == TRW_TALK_DONE)
		return s;
	return end.how == TRW_TALK_LOST ? take_death(w, &end, err) : take_failed(w, &end.err, err);
}

/* What the walk saw, for the ledger. Without a DONE only the rows are known. */
static enum trw_status
post_items(struct trw_fswalk *w, struct trw_err *err)
{
	struct trw_walk_done d = w->done;

	if (w->state != TRW_FSWALK_COMPLETE)
		d = (struct trw_walk_done){
			.names_seen = w->out->n_files - w->n_extra, .streams_extra = w->n_extra};
	const uint64_t counts[TRW_ITEM_N] = {[TRW_ITEM_SEEN] = d.names_seen,
		[TRW_ITEM_DOT] = d.names_dot,
		[TRW_ITEM_CAPPED] = d.names_capped,
		[TRW_ITEM_EXTRA] = d.streams_extra};
	enum trw_status s = TRW_OK;
	for (int i = 0; s == TRW_OK && i < TRW_ITEM_N; i++) {
		struct trw_row row = {.kind = TRW_ROW_ITEMS,
			.u.items = {w->filesystem_id, (enum trw_item_outcome)i, counts[i]}};
		s = trw_outbox_put(&w->feed->outbox, &row, err);
	}
	return s;
}

static enum trw_status
finish(struct trw_fswalk *w, struct trw_err *err)
{
	if (!w->out->is_open)
		return TRW_OK;
	w->pass->ids->file += (int64_t)w->out->n_files;
	enum trw_status s = post_items(w, err);
	struct trw_row row = {.kind = TRW_ROW_FILESYSTEM_STATUS,
		.u.filesystem = {
			.filesystem_id = w->filesystem_id, .status = trw_bytes_of(w->status)}};
	return s < 0 ? s : trw_outbox_put(&w->feed->outbox, &row, err);
}

enum trw_status
trw_fswalk_run(struct trw_feed *feed, const struct trw_fswalk_spec *spec, struct trw_talk *talk,
	struct trw_fswalk_result *out, struct trw_err *err)
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
	w->talk = talk;
	w->request.where = spec->where;
	w->request.names_max = NAMES_MAX;
	w->request.dir_max = DIR_MAX;
	w->request.depth_max = DEPTH_MAX;
	while (s == TRW_OK && w->state < TRW_FSWALK_COMPLETE)
		s = ask(w, err);
	if (s == TRW_OK)
		s = finish(w, err);
	free(w);
	return s;
}
