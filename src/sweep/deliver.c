/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/pass.h"

#include <assert.h>

/* Pieces of the streams, in the order of the image; *touched: those that have something new. */
static enum trw_status
take_parts(
	struct trw_sweep *s, struct trw_window *w, struct trw_open **touched, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < w->n_parts; i++) {
		struct trw_open *o = w->parts[i].open;
		if (!o->is_touched) {
			o->is_touched = true;
			o->next_touched = *touched;
			*touched = o;
		}
		if (w->parts[i].len == 0) { /* the planner's mark */
			st = trw_open_drop(s, o, err);
			continue;
		}
		st = trw_open_take(s, o, w, &w->parts[i], err);
		o->left -= w->parts[i].len;
		assert(st < 0 || o->left > 0 || o->is_ended || o->is_off);
	}
	return st;
}

enum trw_status
trw_sweep_deliver(struct trw_sweep *s, struct trw_window *w, unsigned hasher, struct trw_err *err)
{
	struct trw_open *touched = NULL;
	enum trw_status st = TRW_OK;

	if (w->damage.n > 0)
		st = trw_sweep_checkpoint(s, hasher, true, err);
	if (st == TRW_OK)
		st = take_parts(s, w, &touched, err);
	if (st < 0)
		return st;
	(void)pthread_mutex_lock(&s->mu);
	while (touched != NULL) {
		struct trw_open *o = touched;
		touched = o->next_touched;
		o->is_touched = false;
		trw_open_queue(s, o);
		if (o->left == 0)
			trw_open_unref(s, o);
	}
	w->n_parts = 0;
	(void)pthread_mutex_unlock(&s->mu);
	return TRW_OK;
}
