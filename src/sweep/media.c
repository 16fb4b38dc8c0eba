/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/media.h"

#include <assert.h>

enum trw_status
trw_media_init(struct trw_media *m, struct trw_windows *windows, struct trw_checkpoint *checkpoint,
	const struct trw_sweep_media *state, uint64_t size, struct trw_err *err)
{
	*m = (struct trw_media){.windows = windows, .checkpoint = checkpoint, .n = state->n};
	for (size_t i = 0; i < state->n; i++) {
		m->chain[i].digester = state->chain[i];
		if (state->chain[i].len > size)
			return trw_fail(err, TRW_ECORRUPT,
				"the saved digests of the image are at byte %" PRIu64
				", past its end",
				state->chain[i].len);
	}
	return TRW_OK;
}

struct trw_window *
trw_media_next(struct trw_media *m, size_t *chain)
{
	assert(trw_ready_is_held(m->windows->ready));
	for (size_t i = 0; i < m->n; i++) {
		struct trw_media_chain *c = &m->chain[i];
		if (c->is_running || c->next == m->windows->n_fetched)
			continue;
		struct trw_window *w = trw_windows_at(m->windows, c->next);
		if (w->state < TRW_WINDOW_UNPACKED)
			continue;
		c->is_running = true;
		*chain = i;
		return w;
	}
	return NULL;
}

uint64_t
trw_media_front(const struct trw_media *m)
{
	uint64_t front = 0;

	assert(trw_ready_is_held(m->windows->ready));
	for (size_t i = 0; i < m->n; i++)
		front = m->chain[i].next > front ? m->chain[i].next : front;
	return front;
}

enum trw_status
trw_media_digest(struct trw_media *m, struct trw_window *w, size_t chain, unsigned hasher,
	struct trw_err *err)
{
	struct trw_ready *ready = m->windows->ready;
	struct trw_media_chain *c = &m->chain[chain];
	struct trw_digester *d = &c->digester;
	bool is_due;

	if (d->len < w->off + w->len) {
		size_t skip = d->len > w->off ? (size_t)(d->len - w->off) : 0;
		trw_digest_update(d, w->buf + skip, w->len - skip);
	}
	trw_ready_lock(ready);
	assert(c->is_running);
	is_due = trw_checkpoint_note(m->checkpoint, chain, d);
	c->next++;
	c->is_running = false;
	if (is_due) /* another goes on with the chain */
		(void)pthread_cond_signal(&ready->has_work);
	trw_window_unref(m->windows, w);
	trw_ready_unlock(ready);
	return is_due ? trw_checkpoint_save(m->checkpoint, hasher, false, err) : TRW_OK;
}
