/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/sweep.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "sweep/pass.h"

#include <stdlib.h>

#define WINDOWS_MIN 4

static size_t
window_size(const struct trw_sweep_spec *spec)
{
	size_t chunk = trw_image_info(spec->image)->chunk_size;
	size_t want = spec->window > 0 ? (size_t)spec->window : TRW_SWEEP_WINDOW;

	if (chunk == 0)
		return want;
	return want > chunk ? want / chunk * chunk : chunk;
}

/* A window's bytes, and what the image's files hold of them. */
static uint64_t
window_cost(size_t size)
{
	return 2 * (uint64_t)size;
}

/* A quarter of the memory for windows; no more than keeps everybody busy. */
static size_t
count_windows(const struct trw_sweep_spec *spec, size_t size)
{
	uint64_t n = spec->memory / 4 / window_cost(size), most = 2 * (uint64_t)spec->jobs + 8;

	n = n < most ? n : most;
	return n > WINDOWS_MIN ? (size_t)n : WINDOWS_MIN;
}

/* What the windows leave, or half of the memory where that is too little for windows. */
static uint64_t
held_max(const struct trw_sweep *s)
{
	uint64_t windows = s->n_windows * window_cost(s->window_size), half = s->spec.memory / 2;

	return windows < half ? s->spec.memory - windows : half;
}

static void
sweep_clear(struct trw_sweep *s)
{
	trw_planner_free(s->planner);
	while (s->opens != NULL)
		trw_open_free(s, s->opens);
	for (size_t i = 0; s->windows != NULL && i < s->n_windows; i++) {
		struct trw_window *w = &s->windows[i];
		trw_image_span_free(w->span);
		trw_ranges_clear(&w->damage);
		free(w->files);
		free(w->parts);
		free(w->buf);
	}
	free(s->windows);
	free(s->order);
	free(s->off);
	(void)pthread_cond_destroy(&s->has_saved);
	(void)pthread_cond_destroy(&s->has_room);
	(void)pthread_cond_destroy(&s->has_work);
	(void)pthread_mutex_destroy(&s->mu);
}

static enum trw_status
sweep_init(struct trw_sweep *s, const struct trw_sweep_spec *spec, struct trw_err *err)
{
	*s = (struct trw_sweep){.spec = *spec};
	(void)pthread_mutex_init(&s->mu, NULL);
	(void)pthread_cond_init(&s->has_work, NULL);
	(void)pthread_cond_init(&s->has_room, NULL);
	(void)pthread_cond_init(&s->has_saved, NULL);
	atomic_init(&s->held, 0);
	s->window_size = window_size(spec);
	s->n_windows = count_windows(spec, s->window_size);
	s->held_max = held_max(s);
	s->open_chains = trw_sweep_chains(spec->jobs);
	s->saved = *spec->media;
	s->saved_ns = trw_monotonic_ns();
	for (size_t i = 0; i < spec->media->n; i++) {
		s->media[i].digester = spec->media->chain[i];
		if (s->media[i].digester.len > trw_image_info(spec->image)->size)
			return trw_fail(err, TRW_ECORRUPT,
				"the saved digests of the image are at byte %" PRIu64
				", past its end",
				s->media[i].digester.len);
	}
	s->windows = trw_alloc(s->n_windows, sizeof(*s->windows), err);
	s->order = s->windows == NULL ? NULL
				      : trw_alloc(s->n_windows, sizeof(struct trw_window *), err);
	if (s->order == NULL)
		return TRW_ENOMEM;
	for (size_t i = s->n_windows; i > 0; i--) {
		s->windows[i - 1].next = s->free;
		s->free = &s->windows[i - 1];
	}
	return trw_planner_new(s, &s->planner, err);
}

/* Start everybody and wait; what could not be started ends those that were. */
static enum trw_status
run_threads(struct trw_sweep *s, struct trw_err *err)
{
	struct trw_sweep_hasher *hashers = trw_alloc(s->spec.jobs, sizeof(*hashers), err);
	struct trw_err lost = {0};
	unsigned n = 0;
	pthread_t reader;
	int e;

	if (hashers == NULL)
		return TRW_ENOMEM;
	e = pthread_create(&reader, NULL, trw_sweep_reader, s);
	bool has_reader = e == 0;
	for (; e == 0 && n < s->spec.jobs; n += e == 0) {
		hashers[n] = (struct trw_sweep_hasher){.sweep = s, .number = n};
		e = pthread_create(&hashers[n].thread, NULL, trw_sweep_hasher, &hashers[n]);
	}
	if (e != 0) {
		(void)trw_fail_errno(&lost, e, "start the threads of the sweep");
		trw_sweep_fail(s, &lost);
	}
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(hashers[i].thread, NULL);
	if (has_reader)
		(void)pthread_join(reader, NULL);
	free(hashers);
	if (s->has_failed && err != NULL)
		*err = s->err;
	return s->has_failed ? s->err.status : TRW_OK;
}

/* Streams that were put off after the reader's last look. */
static enum trw_status
note_last(struct trw_sweep *s, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < s->n_off; i++)
		st = trw_plan_put_off_piece(s->spec.plan, &s->off[i], err);
	return st;
}

enum trw_status
trw_sweep_run(const struct trw_sweep_spec *spec, struct trw_err *err)
{
	struct trw_sweep *s = trw_alloc(1, sizeof(*s), err);
	enum trw_status st;

	if (s == NULL)
		return TRW_ENOMEM;
	st = sweep_init(s, spec, err);
	if (st == TRW_OK)
		st = run_threads(s, err);
	if (st == TRW_OK)
		st = note_last(s, err);
	*spec->media = s->saved;
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
