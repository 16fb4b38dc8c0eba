/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/deliver.h"

#include <assert.h>

/* Pieces of the streams, in the order of the image; *touched: those that have something new. */
static enum trw_status
take_parts(
	struct trw_opens *os, struct trw_window *w, struct trw_open **touched, struct trw_err *err)
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
			st = trw_open_drop(os, o, err);
			continue;
		}
		assert(o->left >= w->parts[i].len);
		st = trw_open_take(os, o, w, &w->parts[i], err);
		o->left -= w->parts[i].len;
		assert(st < 0 || o->left > 0 || o->is_ended || o->is_off);
	}
	return st;
}

enum trw_status
trw_deliver(struct trw_opens *os, struct trw_checkpoint *checkpoint, struct trw_window *w,
	unsigned hasher, struct trw_err *err)
{
	struct trw_open *touched = NULL, *dead = NULL;
	enum trw_status st = TRW_OK;

	if (w->damage.n > 0)
		st = trw_checkpoint_save(checkpoint, hasher, true, err);
	if (st == TRW_OK)
		st = take_parts(os, w, &touched, err);
	if (st < 0)
		return st;
	trw_ready_lock(os->ready);
	while (touched != NULL) {
		struct trw_open *o = touched;
		touched = o->next_touched;
		o->is_touched = false;
		trw_open_queue(os, o);
		if (o->left == 0)
			trw_open_unref(os, o, &dead);
	}
	trw_ready_unlock(os->ready);
	trw_opens_bury(os, dead);
	return TRW_OK;
}
