/* SPDX-License-Identifier: Apache-2.0 */
#include "index/leftover.h"

#include "base/alloc.h"
#include "index/outcome.h"
#include "index/stream.h"
#include "sweep/tee.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct leftover {
	struct trw_pass *pass;       /* immutable, but for its plan: guarded by mu */
	struct trw_worker_spec spec; /* immutable, as row */
	struct trw_consumer row[TRW_CONSUMERS_MAX];
	size_t n_row;
	pthread_mutex_t mu;
};

/* One thread, with all that it needs. */
struct thread {
	struct leftover *leftover;
	pthread_t thread;
	/* owner: the thread */
	struct trw_tee *tee;
	struct trw_stream *stream;
	struct trw_outbox outbox;
};

/* The last consumer of the row: raises the progress, and takes back what a stream that begins anew had raised. */
struct counting {
	struct trw_progress *progress;
	uint64_t n; /* bytes of the stream so far */
};

static enum trw_status
begin(void *self, void *state, const struct trw_stream_head *head, unsigned part, unsigned n_parts,
	struct trw_err *err)
{
	struct counting *c = state;

	(void)head;
	(void)part;
	(void)n_parts;
	(void)err;
	*c = (struct counting){.progress = self};
	return TRW_OK;
}

static enum trw_status
count(void *self, void *state, uint64_t n, struct trw_err *err)
{
	struct counting *c = state;

	(void)self;
	(void)err;
	c->n += n;
	atomic_fetch_add_explicit(&c->progress->bytes_done, n, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->progress->content_done, n, memory_order_relaxed);
	return TRW_OK;
}

static enum trw_status
count_bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	(void)p;
	return count(self, state, n, err);
}

static enum trw_status
count_missing(void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	(void)why;
	return count(self, state, n, err);
}

static enum trw_status
end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	const struct counting *c = state;

	(void)self;
	(void)done;
	(void)err;
	atomic_fetch_add_explicit(&c->progress->files_done, 1, memory_order_relaxed);
	return TRW_OK;
}

static void
take_back(void *state)
{
	const struct counting *c = state;

	atomic_fetch_sub_explicit(&c->progress->bytes_done, c->n, memory_order_relaxed);
	atomic_fetch_sub_explicit(&c->progress->content_done, c->n, memory_order_relaxed);
}

/* The row of the pass, and who counts. */
static void
set_row(struct leftover *l)
{
	const struct trw_consumers *all = &l->pass->consumers;

	assert(all->n < TRW_CONSUMERS_MAX);
	for (size_t i = 0; i < all->n; i++)
		l->row[l->n_row++] = all->v[i];
	l->row[l->n_row++] = (struct trw_consumer){.shared = l->pass->progress,
		.state_size = sizeof(struct counting),
		.begin = begin,
		.bytes = count_bytes,
		.zeros = count,
		.missing = count_missing,
		.end = end,
		.abandon = take_back};
}

static bool
stops(void *ctx)
{
	return trw_latch_stops(ctx);
}

/* The next stream, as a task of the caller's: its extents are to be cleared. TRW_END: none is left. */
static enum trw_status
next_task(struct leftover *l, struct trw_task *task, struct trw_err *err)
{
	struct trw_plan_stream stream = {0};
	enum trw_status s;

	*task = (struct trw_task){.source = TRW_CONTENT_EXTENTS};
	(void)pthread_mutex_lock(&l->mu);
	s = trw_plan_next_off(l->pass->plan, &stream, err);
	if (s == TRW_OK && stream.n_extra > 0) {
		task->source = TRW_CONTENT_DECODE;
		s = trw_decode_get(&task->decode, stream.extra, stream.n_extra, err);
	}
	(void)pthread_mutex_unlock(&l->mu);
	task->file_id = stream.id;
	task->size = stream.size;
	task->extents = stream.extents;
	return s;
}

/* A death that did not repeat is no problem of the evidence: for the record only. */
static enum trw_status
post_retry(struct thread *t, const struct trw_task *task, const char *first, struct trw_err *err)
{
	char text[TRW_ERR_TEXT_MAX + 128];

	(void)snprintf(text, sizeof(text),
		"file=%" PRId64 " inode=%" PRIu64 ": %.400s; a fresh one reads the stream again",
		task->file_id, task->decode.inode, first);
	return trw_outbox_audit(&t->outbox, "retry", text, err);
}

/* What the read found out, and what the consumers made of it. Its damage is the caller's in any case. */
static enum trw_status
read_task(struct thread *t, const struct trw_task *task, struct trw_stream_report *report,
	struct trw_stream_done *done, struct trw_err *err)
{
	enum trw_status s = trw_stream_read(
		t->stream, task, t->tee, stops, t->leftover->pass->latch, report, err);

	done->damage = report->damage;
	done->cause = report->cause;
	return s < 0 ? s : trw_tee_end(t->tee, done, err);
}

static enum trw_status
do_task(struct thread *t, const struct trw_task *task, struct trw_err *err)
{
	const struct trw_pass *pass = t->leftover->pass;
	struct trw_stream_report report = {0};
	struct trw_stream_done done = {.id = task->file_id, .size = task->size};
	enum trw_status s = read_task(t, task, &report, &done, err);
	struct trw_outcome o = {.image_id = pass->image_id,
		.file_id = done.id,
		.size = done.size,
		.digests = done.digests,
		.damage = done.damage,
		.cause = done.cause,
		.end = report.has_end ? &report.end : NULL};

	if (s == TRW_OK && report.is_retried)
		s = post_retry(t, task, report.first, err);
	if (s == TRW_OK && o.damage.n > 0)
		s = trw_outbox_damage(&t->outbox, pass->image_id, pass->image, err);
	if (s == TRW_OK)
		return trw_outcome_post(&t->outbox, &o, err);
	trw_ranges_clear(&o.damage);
	return s;
}

static enum trw_status
do_all(struct thread *t, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	while (s == TRW_OK) {
		struct trw_task task;
		if (trw_latch_stops(t->leftover->pass->latch))
			return TRW_OK; /* the latch knows why */
		s = next_task(t->leftover, &task, err);
		if (s == TRW_OK)
			s = do_task(t, &task, err);
		trw_extents_clear(&task.extents);
	}
	return s < 0 ? s : trw_outbox_flush(&t->outbox, err);
}

static void *
run_thread(void *arg)
{
	struct thread *t = arg;
	struct trw_err err = {0};

	if (do_all(t, &err) < 0)
		trw_latch_set(t->leftover->pass->latch, &err);
	return NULL;
}

static enum trw_status
start_thread(struct leftover *l, struct thread *t, unsigned number, struct trw_err *err)
{
	struct trw_consumers row = {l->row, l->n_row};
	enum trw_status s;
	int e;

	t->leftover = l;
	t->outbox.writer = l->pass->writer;
	s = trw_stream_new(l->pass->image, &l->spec, &t->stream, err);
	if (s == TRW_OK)
		s = trw_tee_new(row, &t->tee, err);
	if (s == TRW_OK && (e = pthread_create(&t->thread, NULL, run_thread, t)) != 0)
		s = trw_fail_errno(err, e, "start thread %u for leftover streams", number);
	return s;
}

static enum trw_status
run_threads(struct leftover *l, struct thread *threads, unsigned n, struct trw_err *err)
{
	unsigned n_started = 0;
	enum trw_status s = TRW_OK;

	for (unsigned i = 0; s == TRW_OK && i < n; i++) {
		s = start_thread(l, &threads[i], i, err);
		n_started += s == TRW_OK;
	}
	if (s < 0) /* those that run end soon */
		trw_latch_set(l->pass->latch, &(struct trw_err){.status = s});
	for (unsigned i = 0; i < n_started; i++)
		(void)pthread_join(threads[i].thread, NULL);
	for (unsigned i = 0; i < n; i++) {
		trw_stream_free(threads[i].stream);
		trw_tee_free(threads[i].tee);
		trw_outbox_clear(&threads[i].outbox);
	}
	return s < 0 ? s : trw_latch_status(l->pass->latch, err);
}

enum trw_status
trw_leftover_run(struct trw_pass *pass, struct trw_err *err)
{
	uint64_t left = trw_plan_totals(pass->plan).n_off;
	unsigned n = left < pass->options->jobs ? (unsigned)left : pass->options->jobs;
	struct leftover l = {.pass = pass, .spec = trw_pass_worker(pass, "read")};
	struct thread *threads = trw_alloc(n, sizeof(*threads), err);

	if (threads == NULL)
		return TRW_ENOMEM;
	set_row(&l);
	(void)pthread_mutex_init(&l.mu, NULL);
	enum trw_status s = run_threads(&l, threads, n, err);
	(void)pthread_mutex_destroy(&l.mu);
	free(threads);
	return s;
}
