/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/pass.h"

#include "base/alloc.h"

#define AHEAD 8 /* windows that the system is told of before they are fetched */

static struct trw_window *
wait_for_window(struct trw_sweep *s)
{
	struct trw_window *w = NULL;

	(void)pthread_mutex_lock(&s->mu);
	while (s->free == NULL && !s->has_failed)
		(void)pthread_cond_wait(&s->has_room, &s->mu);
	if (!s->has_failed) {
		w = s->free;
		s->free = w->next;
		s->n_in_use++;
	}
	(void)pthread_mutex_unlock(&s->mu);
	return w;
}

static enum trw_status
fetch(struct trw_sweep *s, struct trw_window *w, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (w->buf == NULL) {
		w->buf = trw_alloc(s->window_size, 1, err);
		if (w->buf == NULL)
			return TRW_ENOMEM;
		st = trw_image_span_new(&w->span, err);
	}
	if (st == TRW_OK)
		st = trw_image_fetch(s->spec.image, w->off, w->len, w->buf, w->span, err);
	return st;
}

static void
hand_over(struct trw_sweep *s, struct trw_window *w)
{
	(void)pthread_mutex_lock(&s->mu);
	w->state = TRW_WINDOW_FETCHED;
	w->refs = 1 + (unsigned)s->spec.media->n;
	w->next_file = 0;
	s->order[s->n_fetched++ % s->n_windows] = w;
	(void)pthread_cond_signal(&s->has_work);
	(void)pthread_mutex_unlock(&s->mu);
}

/* What lies right behind the windows that are planned: they follow each other where the whole image is read. */
static void
look_ahead(struct trw_sweep *s, const struct trw_window *w, uint64_t *told)
{
	uint64_t end = w->off + w->len, to = end + (uint64_t)AHEAD * s->window_size;

	if (*told < end)
		*told = end;
	if (s->spec.media->n > 0 && to > *told)
		trw_image_ahead(s->spec.image, *told, to - *told);
	*told = to;
}

static enum trw_status
read_all(struct trw_sweep *s, struct trw_err *err)
{
	uint64_t told = 0;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK) {
		struct trw_window *w = wait_for_window(s);
		if (w == NULL)
			return TRW_OK; /* the sweep has failed: who failed has said why */
		if (trw_sweep_stops(s))
			st = trw_fail(err, TRW_ECANCEL, "interrupted");
		if (st == TRW_OK)
			st = trw_planner_window(s->planner, w, err);
		if (st == TRW_OK) {
			look_ahead(s, w, &told);
			st = fetch(s, w, err);
		}
		if (st == TRW_OK)
			hand_over(s, w);
		else
			trw_window_give_back(s, w);
	}
	return st;
}

void *
trw_sweep_reader(void *sweep)
{
	struct trw_sweep *s = sweep;
	struct trw_err err = {0};

	if (read_all(s, &err) < 0)
		trw_sweep_fail(s, &err);
	(void)pthread_mutex_lock(&s->mu);
	s->is_fetched = true;
	(void)pthread_cond_broadcast(&s->has_work);
	(void)pthread_mutex_unlock(&s->mu);
	return NULL;
}
