/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/work.h"

#include "base/alloc.h"
#include "base/text.h"
#include "index/content/leftover.h"
#include "index/content/outcome.h"
#include "index/job/resume.h"
#include "index/survey/walker.h"
#include "sweep/digests.h"
#include "sweep/plan/shares.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the callbacks of the sweep know. */
struct sweeping {
	struct trw_pass *pass;
	struct trw_outbox *outboxes; /* owned; one for each hasher */
};

static enum trw_status
stream_done(void *ctx, unsigned hasher, struct trw_stream_done *done, struct trw_err *err)
{
	struct sweeping *s = ctx;
	struct trw_outcome o = {.image_id = s->pass->image_id,
		.file_id = done->id,
		.size = done->size,
		.digests = done->digests,
		.damage = done->damage,
		.cause = done->cause};

	done->damage = (struct trw_ranges){0};
	atomic_fetch_add_explicit(&s->pass->progress->files_done, 1, memory_order_relaxed);
	return trw_outcome_post(&s->outboxes[hasher], &o, err);
}

static enum trw_status
checkpoint(void *ctx, unsigned hasher, const struct trw_sweep_media *media, bool is_damaged,
	struct trw_err *err)
{
	struct sweeping *s = ctx;
	struct trw_outbox *outbox = &s->outboxes[hasher];
	uint8_t state[TRW_SWEEP_MEDIA_SAVED];
	struct trw_row at = {.kind = TRW_ROW_CHECKPOINT,
		.u.checkpoint = {.image_id = s->pass->image_id,
			.media_state = {state, trw_sweep_media_save(media, state)},
			.media_off = trw_sweep_media_off(media)}};
	enum trw_status st = TRW_OK;

	if (is_damaged)
		st = trw_outbox_damage(outbox, s->pass->image_id, s->pass->image, err);
	if (st == TRW_OK)
		st = trw_outbox_put(outbox, &at, err);
	return st < 0 ? st : trw_outbox_flush(outbox, err);
}

static bool
stops(void *ctx)
{
	struct sweeping *s = ctx;

	return trw_first_error_stops(s->pass->first_error);
}

/* What is to be done: of the image, and then, stream by stream, what is put off so far. */
static void
set_total(struct trw_pass *pass, uint64_t sweep_bytes)
{
	struct trw_plan_totals t = trw_plan_totals(pass->plan);

	atomic_store_explicit(
		&pass->progress->content_total, t.piece_bytes + t.off_bytes, memory_order_relaxed);
	atomic_store_explicit(
		&pass->progress->bytes_total, sweep_bytes + t.off_bytes, memory_order_relaxed);
}

/* What the writer and the plan leave. */
static uint64_t
sweep_memory(const struct trw_pass *pass)
{
	uint64_t memory = pass->options->memory, left = memory - TRW_SHARE_WRITER(memory);
	uint64_t plan = trw_plan_memory(pass->plan);

	return plan < left ? left - plan : 0;
}

static enum trw_status
sweep(struct trw_pass *pass, struct trw_work *work, struct trw_err *err)
{
	unsigned jobs = pass->options->jobs;
	struct sweeping s = {pass, trw_alloc(jobs, sizeof(*s.outboxes), err)};
	struct trw_sweep_spec spec = {.image = pass->image,
		.plan = pass->plan,
		.consumers = pass->consumers,
		.media = &work->media,
		.jobs = jobs,
		.events = {stream_done, checkpoint, stops, &s},
		.bytes_done = &pass->progress->bytes_done,
		.piece_bytes_done = &pass->progress->content_done};
	enum trw_status st = s.outboxes == NULL ? TRW_ENOMEM : trw_plan_seal(pass->plan, err);

	for (unsigned i = 0; s.outboxes != NULL && i < jobs; i++)
		s.outboxes[i].writer = pass->writer;
	if (st == TRW_OK) {
		uint64_t bytes = trw_sweep_bytes(&spec);
		spec.memory = sweep_memory(pass);
		set_total(pass, bytes);
		trw_progress_phase(pass->progress, TRW_PHASE_SWEEP);
		st = trw_sweep_run(&spec, err);
		set_total(pass, bytes); /* with what the sweep has put off */
	}
	for (unsigned i = 0; s.outboxes != NULL && i < jobs; i++) {
		if (st == TRW_OK)
			st = trw_outbox_flush(&s.outboxes[i], err);
		trw_outbox_clear(&s.outboxes[i]);
	}
	free(s.outboxes);
	return st;
}

static enum trw_status
work_with_writer(struct trw_pass *pass, struct trw_work *work, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (work->state == NULL)
		s = trw_walker_run(pass, err);
	if (s == TRW_OK)
		s = sweep(pass, work, err);
	if (s == TRW_OK) {
		trw_progress_phase(pass->progress, TRW_PHASE_REST);
		s = trw_leftover_run(pass, err);
	}
	return s;
}

/* Who hears the streams of the pass; returns how many. */
static size_t
fill_row(const struct trw_pass *pass, struct trw_zeros *zeros, struct trw_consumer *row)
{
	const struct trw_consumers *more = &pass->options->listeners;
	size_t n = 0;

	assert(more->n + 2 <= TRW_CONSUMERS_MAX); /* leftover streams have one more */
	row[n++] = trw_digests_consumer(zeros);
	for (size_t i = 0; i < more->n; i++)
		row[n++] = more->v[i];
	return n;
}

/* The plan, the writer, and all that they are for. */
static enum trw_status
work_with_plan(
	struct trw_pass *pass, struct trw_work *work, const char *folder, struct trw_err *err)
{
	struct trw_err lost = {0};
	uint64_t memory = pass->options->memory;
	enum trw_status s = trw_plan_new(TRW_SHARE_PLAN(memory), folder, &pass->plan, err);

	if (s == TRW_OK && work->state != NULL)
		s = trw_resume_plan(work->ev, work->state, pass->image, pass->plan, err);
	if (s == TRW_OK)
		s = trw_writer_start(&(struct trw_writer_spec){.ev = work->ev,
					     .memory = TRW_SHARE_WRITER(memory),
					     .first_error = pass->first_error,
					     .progress = pass->progress,
					     .sets = pass->sets},
			&pass->writer, err);
	if (s < 0)
		return s;
	s = work_with_writer(pass, work, &lost);
	if (s < 0) /* the writer must not go on; who was first has the reason */
		trw_first_error_set(pass->first_error, &lost);
	trw_writer_finish(pass->writer);
	return trw_first_error_status(pass->first_error, err);
}

enum trw_status
trw_work_run(struct trw_pass *pass, struct trw_work *work, struct trw_err *err)
{
	struct trw_zeros zeros;
	struct trw_consumer row[TRW_CONSUMERS_MAX];
	char *folder = trw_folder_of(pass->options->output, err); /* of temporary files, too */
	enum trw_status s = TRW_ENOMEM;

	trw_zeros_init(&zeros);
	pass->consumers = (struct trw_consumers){row, fill_row(pass, &zeros, row)};
	if (folder != NULL)
		s = work_with_plan(pass, work, folder, err);
	trw_plan_free(pass->plan);
	pass->plan = NULL;
	pass->writer = NULL;
	pass->consumers = (struct trw_consumers){0};
	trw_zeros_destroy(&zeros);
	free(folder);
	return s;
}
