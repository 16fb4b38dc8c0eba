/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/checkpoint.h"

#include "base/clock.h"

#include <assert.h>

#define SAVE_NS (INT64_C(2) * 1000000000)

void
trw_checkpoint_init(struct trw_checkpoint *c, struct trw_ready *ready,
	const struct trw_sweep_events *events, const struct trw_sweep_media *media)
{
	*c = (struct trw_checkpoint){
		.ready = ready, .events = events, .saved = *media, .saved_ns = trw_monotonic_ns()};
	(void)pthread_cond_init(&c->has_saved, NULL);
}

void
trw_checkpoint_destroy(struct trw_checkpoint *c)
{
	(void)pthread_cond_destroy(&c->has_saved);
}

bool
trw_checkpoint_note(struct trw_checkpoint *c, size_t chain, const struct trw_digester *digester)
{
	assert(trw_ready_is_held(c->ready) && chain < c->saved.n);
	assert(digester->len >= c->saved.chain[chain].len);
	c->saved.chain[chain] = *digester;
	return !c->is_saving && trw_monotonic_ns() - c->saved_ns > SAVE_NS;
}

void
trw_checkpoint_damage(struct trw_checkpoint *c)
{
	assert(trw_ready_is_held(c->ready));
	c->is_damage_new = true;
}

enum trw_status
trw_checkpoint_save(struct trw_checkpoint *c, unsigned hasher, bool is_damaged, struct trw_err *err)
{
	struct trw_sweep_media media;
	enum trw_status st = TRW_OK;

	if (c->events->checkpoint == NULL)
		return TRW_OK;
	trw_ready_lock(c->ready);
	while (c->is_saving)
		trw_ready_wait(c->ready, &c->has_saved);
	c->is_saving = true;
	is_damaged = is_damaged || c->is_damage_new; /* the image's digests may be past it */
	c->is_damage_new = false;
	media = c->saved;
	c->saved_ns = trw_monotonic_ns();
	trw_ready_unlock(c->ready);
	st = c->events->checkpoint(c->events->ctx, hasher, &media, is_damaged, err);
	trw_ready_lock(c->ready);
	c->is_saving = false;
	(void)pthread_cond_broadcast(&c->has_saved);
	trw_ready_unlock(c->ready);
	return st;
}
