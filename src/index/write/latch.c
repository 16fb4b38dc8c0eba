/* SPDX-License-Identifier: Apache-2.0 */
#include "index/write/latch.h"

#include "base/cancel.h"

void
trw_latch_init(struct trw_latch *latch)
{
	*latch = (struct trw_latch){0};
	(void)pthread_mutex_init(&latch->mu, NULL);
	atomic_init(&latch->is_set, false);
}

void
trw_latch_destroy(struct trw_latch *latch)
{
	(void)pthread_mutex_destroy(&latch->mu);
}

void
trw_latch_set(struct trw_latch *latch, const struct trw_err *err)
{
	(void)pthread_mutex_lock(&latch->mu);
	if (!atomic_load_explicit(&latch->is_set, memory_order_relaxed)) {
		latch->err = *err;
		atomic_store_explicit(&latch->is_set, true, memory_order_relaxed);
	}
	(void)pthread_mutex_unlock(&latch->mu);
}

bool
trw_latch_stops(const struct trw_latch *latch)
{
	return atomic_load_explicit(&latch->is_set, memory_order_relaxed) || trw_is_cancelled();
}

enum trw_status
trw_latch_status(struct trw_latch *latch, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	(void)pthread_mutex_lock(&latch->mu);
	if (atomic_load_explicit(&latch->is_set, memory_order_relaxed)) {
		s = latch->err.status;
		if (err != NULL)
			*err = latch->err;
	}
	(void)pthread_mutex_unlock(&latch->mu);
	if (s == TRW_OK && trw_is_cancelled())
		return trw_fail(err, TRW_ECANCEL, "interrupted");
	return s;
}
