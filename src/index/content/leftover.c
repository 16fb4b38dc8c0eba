/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/leftover.h"

#include "base/alloc.h"
#include "base/queue.h"
#include "index/content/outcome.h"
#include "index/content/stream.h"
#include "sweep/tee.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct leftover {
	/* immutable, but for the pass's plan: owner: main */
	struct trw_pass *pass;
	struct trw_worker_spec spec;
	struct trw_consumer row[TRW_CONSUMERS_MAX];
	size_t n_row;
	struct trw_queue *queue; /* owned; of tasks, from main to the threads */
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
	return trw_first_error_stops(ctx);
}

static void
free_task(struct trw_task *task)
{
	if (task != NULL)
		trw_extents_clear(&task->extents);
	free(task);
}

/* The next stream, as a task of the caller's. TRW_END: none is left. */
static enum trw_status
next_task(struct leftover *l, struct trw_task **out, struct trw_err *err)
{
	struct trw_plan_stream stream = {0};
	struct trw_task *task = trw_alloc(1, sizeof(*task), err);
	enum trw_status s = TRW_ENOMEM;

	if (task != NULL)
		s = trw_plan_next_off(l->pass->plan, &stream, err);
	if (s == TRW_OK) {
		*task = (struct trw_task){.file_id = stream.id,
			.size = stream.size,
			.source = TRW_CONTENT_EXTENTS,
			.extents = stream.extents};
		if (stream.n_extra > 0) {
			task->source = TRW_CONTENT_DECODE;
			s = trw_read_request_decode(
				stream.extra, stream.n_extra, &task->decode, err);
		}
	}
	if (s == TRW_OK)
		*out = task;
	else
		free_task(task);
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
		t->stream, task, t->tee, stops, t->leftover->pass->first_error, report, err);

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
		.lost = report.has_end ? &report.end : NULL};

	if (s == TRW_OK && report.is_retried)
		s = post_retry(t, task, report.first, err);
	if (s == TRW_OK && o.damage.n > 0)
		s = trw_outbox_damage(&t->outbox, pass->image_id, pass->image, err);
	if (s == TRW_OK)
		return trw_outcome_post(&t->outbox, &o, err);
	trw_ranges_clear(&o.damage);
	return s;
}

/* Once the run is stopping what still comes is dropped. */
static void *
run_thread(void *arg)
{
	struct thread *t = arg;
	struct trw_first_error *first_error = t->leftover->pass->first_error;
	struct trw_err err = {0};
	struct trw_task *task;

	while ((task = trw_queue_get(t->leftover->queue)) != NULL) {
		if (!trw_first_error_stops(first_error) && do_task(t, task, &err) < 0)
			trw_first_error_set(first_error, &err);
		free_task(task);
	}
	if (!trw_first_error_stops(first_error) && trw_outbox_flush(&t->outbox, &err) < 0)
		trw_first_error_set(first_error, &err);
	return NULL;
}

/* Main reads the plan, which may have to merge its temporary files: no thread waits for that under a lock. */
static enum trw_status
queue_all(struct leftover *l, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	while (s == TRW_OK && !trw_first_error_stops(l->pass->first_error)) {
		struct trw_task *task = NULL;
		s = next_task(l, &task, err);
		if (s == TRW_OK && !trw_queue_put(l->queue, task)) {
			free_task(task); /* never: it is closed below alone */
			s = TRW_END;
		}
	}
	return s < 0 ? s : TRW_OK;
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
	struct trw_err lost = {0};
	unsigned n_started = 0;
	enum trw_status s = TRW_OK;

	for (unsigned i = 0; s == TRW_OK && i < n; i++) {
		s = start_thread(l, &threads[i], i, &lost);
		n_started += s == TRW_OK;
	}
	if (s == TRW_OK)
		s = queue_all(l, &lost);
	if (s < 0) /* those that run end soon */
		trw_first_error_set(l->pass->first_error, &lost);
	trw_queue_close(l->queue);
	for (unsigned i = 0; i < n_started; i++)
		(void)pthread_join(threads[i].thread, NULL);
	for (unsigned i = 0; i < n; i++) {
		trw_stream_free(threads[i].stream);
		trw_tee_free(threads[i].tee);
		trw_outbox_clear(&threads[i].outbox);
	}
	return trw_first_error_status(l->pass->first_error, err);
}

enum trw_status
trw_leftover_run(struct trw_pass *pass, struct trw_err *err)
{
	uint64_t left = trw_plan_totals(pass->plan).n_off;
	unsigned n = left < pass->options->jobs ? (unsigned)left : pass->options->jobs;
	struct leftover l = {.pass = pass, .spec = trw_pass_talk(pass, "read").spec};
	struct thread *threads;
	enum trw_status s;

	if (n == 0)
		return trw_first_error_status(pass->first_error, err);
	threads = trw_alloc(n, sizeof(*threads), err);
	s = threads == NULL ? TRW_ENOMEM : trw_queue_new(n, &l.queue, err);
	if (s == TRW_OK) {
		set_row(&l);
		s = run_threads(&l, threads, n, err);
	}
	trw_queue_free(l.queue);
	free(threads);
	return s;
}
