/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/reader.h"

#include "base/alloc.h"

#define AHEAD 8 /* windows that the system is told of before they are fetched */

static enum trw_status
fetch(struct trw_reader *r, struct trw_window *w, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (w->buf == NULL) {
		w->buf = trw_alloc(r->windows->size, 1, err);
		if (w->buf == NULL)
			return TRW_ENOMEM;
		st = trw_image_span_new(&w->span, err);
	}
	if (st == TRW_OK)
		st = trw_image_fetch(r->image, w->off, w->len, w->buf, w->span, err);
	return st;
}

/* What lies right behind the windows that are planned: they follow each other where the whole image is read. */
static void
look_ahead(struct trw_reader *r, const struct trw_window *w)
{
	uint64_t end = w->off + w->len, to = end + (uint64_t)AHEAD * r->windows->size;

	if (r->told < end)
		r->told = end;
	if (r->windows->n_media > 0 && to > r->told)
		trw_image_ahead(r->image, r->told, to - r->told);
	r->told = to;
}

enum trw_status
trw_reader_step(struct trw_reader *r, struct trw_err *err)
{
	struct trw_window *w = trw_windows_take(r->windows);
	enum trw_status st = TRW_OK;

	if (w == NULL)
		return TRW_END; /* who failed has said why */
	if (trw_sweep_stops(r->events))
		st = trw_fail(err, TRW_ECANCEL, "interrupted");
	if (st == TRW_OK)
		st = trw_planner_window(r->planner, w, err);
	if (st == TRW_OK) {
		look_ahead(r, w);
		st = fetch(r, w, err);
	}
	if (st == TRW_OK)
		trw_window_fetched(r->windows, w);
	else
		trw_window_give_back(r->windows, w);
	return st;
}

void *
trw_reader_run(void *reader)
{
	struct trw_reader *r = reader;
	struct trw_err err = {0};
	enum trw_status st = TRW_OK;

	while (st == TRW_OK)
		st = trw_reader_step(r, &err);
	if (st < 0)
		trw_ready_fail(r->windows->ready, &err);
	trw_ready_fetched(r->windows->ready);
	return NULL;
}
