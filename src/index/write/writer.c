/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches come through a queue that is bounded in number and in bytes. The thread never waits for another
 * thread but for the queue, so whoever waits for room always gets it.
 */
#include "index/write/writer.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "index/write/budget.h"

#include <stdlib.h>

#define QUEUE_BATCHES 64
#define COMMIT_ROWS 500000
#define COMMIT_NS (5 * (int64_t)1000000000)

struct trw_writer {
	struct trw_queue *queue; /* immutable after start */
	struct trw_budget budget;
	struct trw_writer_spec spec; /* immutable after start; ev: owner: the thread */
	uint64_t n_uncommitted;      /* owner: the thread */
	int64_t committed_ns;        /* owner: the thread */
	atomic_bool has_failed;
	struct trw_thread thread;
};

static void
count_problems(struct trw_progress *progress, const struct trw_batch *batch)
{
	uint64_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		n += batch->rows[i].kind == TRW_ROW_PROBLEM;
	if (n == 0 || progress == NULL)
		return;
	atomic_fetch_add_explicit(&progress->problems, n, memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->problems_total, n, memory_order_relaxed);
}

static enum trw_status
write_batch(struct trw_writer *w, const struct trw_batch *batch, struct trw_err *err)
{
	enum trw_status s = trw_batch_write(batch, w->spec.ev, err);

	if (s < 0)
		return s;
	count_problems(w->spec.progress, batch);
	w->n_uncommitted += batch->n + batch->hits.n;
	int64_t now = trw_monotonic_ns();
	if (w->n_uncommitted < COMMIT_ROWS && now - w->committed_ns < COMMIT_NS)
		return TRW_OK;
	w->n_uncommitted = 0;
	w->committed_ns = now;
	return trw_evidence_commit(w->spec.ev, err);
}

/* The first error ends the writer's work. */
static void
give_up(struct trw_writer *w, const struct trw_err *err)
{
	trw_first_error_set(w->spec.first_error, err); /* first: who sees has_failed cancels */
	atomic_store(&w->has_failed, true);
}

static void *
writer_thread(void *arg)
{
	struct trw_writer *w = arg;
	struct trw_batch *batch;

	w->committed_ns = trw_monotonic_ns();
	while ((batch = trw_queue_get(w->queue)) != NULL) {
		struct trw_err err = {0};
		size_t bytes = trw_batch_bytes(batch);
		if (!atomic_load(&w->has_failed) && write_batch(w, batch, &err) < 0)
			give_up(w, &err);
		trw_batch_free(batch);
		trw_budget_give(&w->budget, bytes);
	}
	return NULL;
}

enum trw_status
trw_writer_start(const struct trw_writer_spec *spec, struct trw_writer **out, struct trw_err *err)
{
	struct trw_writer *w = trw_alloc(1, sizeof(*w), err);

	if (w == NULL)
		return TRW_ENOMEM;
	w->spec = *spec;
	atomic_init(&w->has_failed, false);
	trw_budget_init(&w->budget, spec->memory);
	enum trw_status s = trw_queue_new(QUEUE_BATCHES, &w->queue, err);
	if (s == TRW_OK)
		s = trw_thread_start(&w->thread, writer_thread, w, "the writer thread", err);
	if (s < 0) {
		trw_queue_free(w->queue);
		trw_budget_destroy(&w->budget);
		free(w);
		return s;
	}
	*out = w;
	return TRW_OK;
}

bool
trw_writer_post(struct trw_writer *w, struct trw_batch *batch)
{
	struct trw_err err = {0};

	if (!atomic_load(&w->has_failed) && trw_batch_match(batch, w->spec.sets, &err) < 0)
		give_up(w, &err);
	if (atomic_load(&w->has_failed)) {
		trw_batch_free(batch);
		return false;
	}
	trw_budget_take(&w->budget, trw_batch_bytes(batch));
	bool ok = trw_queue_put(w->queue, batch);
	if (!ok)
		trw_batch_free(batch);
	return ok;
}

void
trw_writer_finish(struct trw_writer *w)
{
	if (w == NULL)
		return;
	trw_queue_close(w->queue);
	trw_thread_join(&w->thread);
	trw_queue_free(w->queue);
	trw_budget_destroy(&w->budget);
	free(w);
}
