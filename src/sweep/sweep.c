/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/sweep.h"

#include "base/alloc.h"
#include "sweep/plan/shares.h"
#include "sweep/pool.h"
#include "sweep/reader.h"

#include <assert.h>
#include <stdlib.h>

/* Everything that a sweep is made of. The rooms point to each other. */
struct sweep {
	struct trw_sweep_spec spec; /* immutable, but for what spec.media points to */
	struct trw_ready ready;
	struct trw_windows windows;
	struct trw_opens opens;
	struct trw_checkpoint checkpoint;
	struct trw_media media;
	struct trw_planner *planner; /* owned */
	struct trw_reader reader;
	struct trw_pool pool;
	struct worker *workers; /* owned; n_workers */
	unsigned n_workers;
};

/* A hasher, with a thread of its own unless the sweep has none. */
struct worker {
	struct trw_pool *pool;
	struct trw_hasher hasher;
	pthread_t thread;
};

static size_t
window_size(const struct trw_sweep_spec *spec)
{
	size_t chunk = trw_image_info(spec->image)->chunk_size;
	size_t want = spec->window > 0 ? (size_t)spec->window : TRW_SWEEP_WINDOW;

	if (chunk == 0)
		return want;
	return want > chunk ? want / chunk * chunk : chunk;
}

static size_t
count_windows(const struct trw_sweep_spec *spec, size_t size)
{
	uint64_t n = TRW_SHARE_WINDOWS(spec->memory) / TRW_WINDOW_COST(size);
	uint64_t most = TRW_WINDOWS_MAX(spec->jobs);

	n = n < most ? n : most;
	return n > TRW_WINDOWS_MIN ? (size_t)n : TRW_WINDOWS_MIN;
}

/* What the windows leave. */
static uint64_t
held_max(const struct sweep *s)
{
	uint64_t windows = s->windows.n * TRW_WINDOW_COST(s->windows.size);
	uint64_t least = TRW_SHARE_OPEN_MIN(s->spec.memory);

	return windows < s->spec.memory - least ? s->spec.memory - windows : least;
}

static void
sweep_clear(struct sweep *s)
{
	for (unsigned i = 0; s->workers != NULL && i < s->n_workers; i++)
		trw_tee_free(s->workers[i].hasher.tee);
	free(s->workers);
	trw_planner_free(s->planner);
	trw_opens_clear(&s->opens);
	trw_windows_clear(&s->windows);
	trw_checkpoint_destroy(&s->checkpoint);
	trw_ready_destroy(&s->ready);
}

static enum trw_status
init_planner(struct sweep *s, struct trw_err *err)
{
	struct trw_planner_spec spec = {.plan = s->spec.plan,
		.opens = &s->opens,
		.media = s->spec.media,
		.window_size = s->windows.size,
		.entries = s->spec.entries > 0 ? s->spec.entries : TRW_SWEEP_ENTRIES};

	return trw_planner_new(&spec, trw_image_info(s->spec.image), &s->planner, err);
}

static enum trw_status
init_workers(struct sweep *s, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	s->n_workers = s->spec.jobs > 0 ? s->spec.jobs : 1;
	s->workers = trw_alloc(s->n_workers, sizeof(*s->workers), err);
	if (s->workers == NULL)
		return TRW_ENOMEM;
	for (unsigned i = 0; st == TRW_OK && i < s->n_workers; i++) {
		struct worker *w = &s->workers[i];
		w->pool = &s->pool;
		w->hasher = (struct trw_hasher){
			.opens = &s->opens, .events = &s->spec.events, .number = i};
		st = trw_tee_new(s->spec.consumers, &w->hasher.tee, err);
	}
	return st;
}

/* From the bottom up: each room is given those below it. */
static enum trw_status
sweep_init(struct sweep *s, const struct trw_sweep_spec *spec, struct trw_err *err)
{
	uint64_t size = trw_image_info(spec->image)->size;
	size_t window = window_size(spec);
	enum trw_status st;

	assert(spec->plan == NULL || spec->consumers.n > 0);
	*s = (struct sweep){.spec = *spec};
	trw_ready_init(&s->ready);
	trw_checkpoint_init(&s->checkpoint, &s->ready, &s->spec.events, spec->media);
	st = trw_windows_init(&s->windows, &s->ready, count_windows(spec, window), window,
		(unsigned)spec->media->n, err);
	trw_opens_init(&s->opens, &s->windows, spec->consumers);
	s->windows.bytes_done = spec->bytes_done;
	s->windows.piece_bytes_done = spec->piece_bytes_done;
	s->opens.splits_long = trw_sweep_chains(spec->jobs) > 1;
	s->opens.image_size = size;
	s->opens.held_max = held_max(s);
	if (st == TRW_OK)
		st = trw_media_init(&s->media, &s->windows, &s->checkpoint, spec->media, size, err);
	if (st == TRW_OK)
		st = init_planner(s, err);
	s->reader = (struct trw_reader){
		spec->image, &s->windows, s->planner, &s->spec.events, .told = 0};
	s->pool = (struct trw_pool){spec->image, &s->ready, &s->windows, &s->opens, &s->media,
		&s->checkpoint, &s->spec.events, .jobs = spec->jobs > 0 ? spec->jobs : 1};
	return st == TRW_OK ? init_workers(s, err) : st;
}

static void *
work(void *worker)
{
	struct worker *w = worker;

	trw_pool_work(w->pool, &w->hasher);
	return NULL;
}

/* Start everybody and wait; what could not be started ends those that were. */
static void
run_threads(struct sweep *s)
{
	struct trw_err lost = {0};
	unsigned n = 0;
	pthread_t reader;
	int e = pthread_create(&reader, NULL, trw_reader_run, &s->reader);
	bool has_reader = e == 0;

	for (; e == 0 && n < s->n_workers; n += e == 0)
		e = pthread_create(&s->workers[n].thread, NULL, work, &s->workers[n]);
	if (e != 0) {
		(void)trw_fail_errno(&lost, e, "start the threads of the sweep");
		trw_ready_fail(&s->ready, &lost);
	}
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(s->workers[i].thread, NULL);
	if (has_reader)
		(void)pthread_join(reader, NULL);
}

static bool
has_room(struct sweep *s)
{
	trw_ready_lock(&s->ready);
	bool has_room = s->ready.has_failed || trw_windows_has_room(&s->windows);
	trw_ready_unlock(&s->ready);
	return has_room;
}

/* The same in one thread: every job that there is, then one more window. */
static void
run_alone(struct sweep *s)
{
	struct trw_err err = {0};
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && !s->ready.has_failed) {
		while (!s->ready.has_failed && trw_pool_step(&s->pool, &s->workers[0].hasher))
			continue;
		assert(has_room(s)); /* a window that is in use has a job */
		st = trw_reader_step(&s->reader, &err);
	}
	if (st < 0)
		trw_ready_fail(&s->ready, &err);
	trw_ready_fetched(&s->ready);
	trw_pool_work(&s->pool, &s->workers[0].hasher);
}

enum trw_status
trw_sweep_run(const struct trw_sweep_spec *spec, struct trw_err *err)
{
	struct sweep *s = trw_alloc(1, sizeof(*s), err);
	enum trw_status st;

	if (s == NULL)
		return TRW_ENOMEM;
	st = sweep_init(s, spec, err);
	if (st == TRW_OK) {
		if (spec->jobs > 0)
			run_threads(s);
		else
			run_alone(s);
		st = s->ready.has_failed ? s->ready.err.status : TRW_OK;
		if (st < 0 && err != NULL)
			*err = s->ready.err;
	}
	if (st == TRW_OK) /* streams that were put off after the reader's last look */
		st = trw_planner_note_off(s->planner, err);
	*spec->media = s->checkpoint.saved;
	sweep_clear(s);
	free(s);
	return st;
}

uint64_t
trw_sweep_bytes(const struct trw_sweep_spec *spec)
{
	uint64_t size = trw_image_info(spec->image)->size, off;

	if (spec->media->n > 0) {
		off = trw_sweep_media_off(spec->media);
		return off < size ? size - off : 0;
	}
	if (spec->plan == NULL)
		return 0;
	uint64_t pieces = trw_plan_totals(spec->plan).piece_bytes;
	return pieces < size ? pieces : size;
}
