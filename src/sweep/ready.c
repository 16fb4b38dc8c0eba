/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/ready.h"

#include <assert.h>

void
trw_ready_init(struct trw_ready *r)
{
	*r = (struct trw_ready){0};
	(void)pthread_mutex_init(&r->mu, NULL);
	(void)pthread_cond_init(&r->has_work, NULL);
	(void)pthread_cond_init(&r->has_room, NULL);
}

void
trw_ready_destroy(struct trw_ready *r)
{
	(void)pthread_cond_destroy(&r->has_room);
	(void)pthread_cond_destroy(&r->has_work);
	(void)pthread_mutex_destroy(&r->mu);
}

static void
hold(struct trw_ready *r)
{
	r->holder = pthread_self();
	r->is_held = true;
}

void
trw_ready_lock(struct trw_ready *r)
{
	(void)pthread_mutex_lock(&r->mu);
	assert(!r->is_held);
	hold(r);
}

void
trw_ready_unlock(struct trw_ready *r)
{
	assert(trw_ready_is_held(r));
	r->is_held = false;
	(void)pthread_mutex_unlock(&r->mu);
}

void
trw_ready_wait(struct trw_ready *r, pthread_cond_t *cond)
{
	assert(trw_ready_is_held(r));
	r->is_held = false;
	(void)pthread_cond_wait(cond, &r->mu);
	hold(r);
}

bool
trw_ready_is_held(const struct trw_ready *r)
{
	return r->is_held && pthread_equal(r->holder, pthread_self()) != 0;
}

void
trw_ready_fetched(struct trw_ready *r)
{
	trw_ready_lock(r);
	r->is_fetched = true;
	(void)pthread_cond_broadcast(&r->has_work);
	trw_ready_unlock(r);
}

void
trw_ready_fail(struct trw_ready *r, const struct trw_err *err)
{
	trw_ready_lock(r);
	if (!r->has_failed)
		r->err = *err;
	r->has_failed = true;
	(void)pthread_cond_broadcast(&r->has_work);
	(void)pthread_cond_broadcast(&r->has_room);
	trw_ready_unlock(r);
}
