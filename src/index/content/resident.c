/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/resident.h"

#include "base/alloc.h"
#include "base/queue.h"
#include "index/content/outcome.h"
#include "sweep/tee.h"

#include <stdlib.h>

#define GROUP_BYTES ((size_t)256 << 10)   /* of content: a group with more goes out */
#define GROUPS_PER_JOB 2                  /* groups that wait */
#define MISSING_STEP ((uint64_t)64 << 20) /* bytes */

struct item {
	int64_t file_id;
	uint64_t size;
	size_t off, n; /* its bytes in the group's */
};

/* Streams on their way from the walker to a thread. */
struct group {
	struct item v[TRW_CONSUMER_MANY];
	size_t n;
	struct trw_buf bytes;
};

struct thread {
	struct trw_resident *resident;
	pthread_t thread;
	/* owner: the thread, while it runs */
	struct trw_tee *tee;
	struct trw_outbox outbox;
};

struct trw_resident {
	/* immutable after new */
	const struct trw_pass *pass;
	struct trw_queue *queue; /* owned; of groups */
	/* owner: walker */
	struct thread *threads; /* owned; room for one a job */
	unsigned n_threads;     /* that run */
	struct group *group;    /* owned; that fills, may be NULL */
};

enum trw_status
trw_resident_new(const struct trw_pass *pass, struct trw_resident **out, struct trw_err *err)
{
	unsigned jobs = pass->options->jobs;
	struct trw_resident *r = trw_alloc(1, sizeof(*r), err);
	enum trw_status s = r == NULL ? TRW_ENOMEM : TRW_OK;

	if (s == TRW_OK) {
		r->pass = pass;
		r->threads = trw_alloc(jobs, sizeof(*r->threads), err);
		s = r->threads == NULL ? TRW_ENOMEM : TRW_OK;
	}
	if (s == TRW_OK)
		s = trw_queue_new((size_t)GROUPS_PER_JOB * jobs, &r->queue, err);
	if (s == TRW_OK)
		*out = r;
	else
		trw_resident_free(r);
	return s;
}

static void
free_group(struct group *g)
{
	if (g != NULL)
		trw_buf_clear(&g->bytes);
	free(g);
}

static enum trw_status
post(struct thread *t, const struct trw_stream_done *done, struct trw_err *err)
{
	const struct trw_pass *pass = t->resident->pass;
	struct trw_outcome o = {.image_id = pass->image_id,
		.file_id = done->id,
		.size = done->size,
		.digests = done->digests,
		.damage = done->damage,
		.cause = done->cause};

	atomic_fetch_add_explicit(&pass->progress->files_done, 1, memory_order_relaxed);
	return trw_outcome_post(&t->outbox, &o, err);
}

/* In steps, so that a hostile size can be interrupted. */
static enum trw_status
hear_missing(struct thread *t, uint64_t left, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	while (s == TRW_OK && left > 0) {
		uint64_t n = left < MISSING_STEP ? left : MISSING_STEP;
		s = trw_tee_missing(t->tee, n, TRW_SPAN_SHORT, err);
		if (s == TRW_OK && trw_first_error_stops(t->resident->pass->first_error))
			s = trw_fail(err, TRW_ECANCEL, "interrupted");
		left -= n;
	}
	return s;
}

/* What of the bytes is there; the rest is missing. */
static enum trw_status
hear_short(struct thread *t, const struct item *item, const uint8_t *p, struct trw_err *err)
{
	struct trw_stream_head head = {.id = item->file_id, .size = item->size};
	struct trw_stream_done done = {.id = item->file_id,
		.size = item->size,
		.cause = "the record holds fewer bytes than the size says"};
	uint64_t left = item->size - item->n;
	enum trw_status s = trw_ranges_add(&done.damage, item->n, left, TRW_DAMAGE_MISSING, err);

	if (s == TRW_OK)
		s = trw_tee_begin(t->tee, &head, err);
	if (s == TRW_OK && item->n > 0)
		s = trw_tee_bytes(t->tee, p, item->n, err);
	if (s == TRW_OK)
		s = hear_missing(t, left, err);
	if (s == TRW_OK)
		s = trw_tee_end(t->tee, &done, err);
	if (s == TRW_OK)
		return post(t, &done, err);
	trw_ranges_clear(&done.damage);
	return s;
}

static enum trw_status
hear_group(struct thread *t, const struct group *g, struct trw_err *err)
{
	struct trw_whole whole[TRW_CONSUMER_MANY];
	size_t n = 0;
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < g->n; i++) {
		const struct item *item = &g->v[i];
		const uint8_t *p = item->n > 0 ? g->bytes.v + item->off : NULL;
		if (item->n < item->size) {
			s = hear_short(t, item, p, err);
			continue;
		}
		whole[n++] = (struct trw_whole){.head = {.id = item->file_id, .size = item->size},
			.p = p,
			.done = {.id = item->file_id, .size = item->size, .cause = ""}};
	}
	if (s == TRW_OK)
		s = trw_tee_whole(t->tee, whole, n, err);
	for (size_t i = 0; s == TRW_OK && i < n; i++)
		s = post(t, &whole[i].done, err);
	return s;
}

/* Once the run is stopping what still comes is dropped. */
static void *
run(void *arg)
{
	struct thread *t = arg;
	struct trw_first_error *first_error = t->resident->pass->first_error;
	struct trw_err err = {0};
	enum trw_status s = TRW_OK;
	struct group *g;

	while ((g = trw_queue_get(t->resident->queue)) != NULL) {
		if (s == TRW_OK && !trw_first_error_stops(first_error)) {
			s = hear_group(t, g, &err);
			if (s < 0)
				trw_first_error_set(first_error, &err);
		}
		free_group(g);
	}
	if (s == TRW_OK && trw_outbox_flush(&t->outbox, &err) < 0)
		trw_first_error_set(first_error, &err);
	return NULL;
}

static enum trw_status
start_thread(struct trw_resident *r, struct trw_err *err)
{
	struct thread *t = &r->threads[r->n_threads];
	enum trw_status s;
	int e;

	*t = (struct thread){.resident = r, .outbox = {.writer = r->pass->writer}};
	s = trw_tee_new(r->pass->consumers, &t->tee, err);
	if (s == TRW_OK && (e = pthread_create(&t->thread, NULL, run, t)) != 0) {
		trw_tee_free(t->tee);
		s = trw_fail_errno(err, e, "start thread %u for resident streams", r->n_threads);
	}
	r->n_threads += s == TRW_OK;
	return s;
}

/* The group goes out, behind the rows of its files; each finds one thread more until there are enough. */
static enum trw_status
send_group(struct trw_resident *r, struct trw_outbox *rows, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (r->group == NULL)
		return TRW_OK;
	if (r->n_threads < r->pass->options->jobs)
		s = start_thread(r, err);
	if (s == TRW_OK)
		s = trw_outbox_flush(rows, err);
	if (s == TRW_OK && !trw_queue_put(r->queue, r->group))
		s = trw_fail(err, TRW_ECANCEL, "the run is ending");
	if (s == TRW_OK)
		r->group = NULL;
	return s;
}

enum trw_status
trw_resident_put(struct trw_resident *r, const struct trw_task *task, struct trw_outbox *rows,
	struct trw_err *err)
{
	struct group *g = r->group;
	size_t n = task->bytes.n < task->size ? task->bytes.n : (size_t)task->size;

	if (g == NULL)
		g = r->group = trw_alloc(1, sizeof(*g), err);
	if (g == NULL)
		return TRW_ENOMEM;
	g->v[g->n] = (struct item){task->file_id, task->size, g->bytes.n, n};
	if (n > 0 && trw_buf_put(&g->bytes, task->bytes.p, n, err) < 0)
		return TRW_ENOMEM;
	g->n++;
	return g->n == TRW_CONSUMER_MANY || g->bytes.n >= GROUP_BYTES ? send_group(r, rows, err)
								      : TRW_OK;
}

static void
join(struct trw_resident *r)
{
	if (r->queue != NULL)
		trw_queue_close(r->queue);
	for (unsigned i = 0; i < r->n_threads; i++) {
		(void)pthread_join(r->threads[i].thread, NULL);
		trw_tee_free(r->threads[i].tee);
		trw_outbox_clear(&r->threads[i].outbox);
	}
	r->n_threads = 0;
}

enum trw_status
trw_resident_finish(struct trw_resident *r, struct trw_outbox *rows, struct trw_err *err)
{
	enum trw_status s = send_group(r, rows, err);

	join(r);
	return s < 0 ? s : trw_first_error_status(r->pass->first_error, err);
}

void
trw_resident_free(struct trw_resident *r)
{
	if (r == NULL)
		return;
	join(r);
	free_group(r->group);
	trw_queue_free(r->queue);
	free(r->threads);
	free(r);
}
