/* SPDX-License-Identifier: Apache-2.0 */
#include "base/first_error.h"

#include "base/cancel.h"

void
trw_first_error_init(struct trw_first_error *first)
{
	*first = (struct trw_first_error){0};
	(void)pthread_mutex_init(&first->mu, NULL);
	atomic_init(&first->is_set, false);
}

void
trw_first_error_destroy(struct trw_first_error *first)
{
	(void)pthread_mutex_destroy(&first->mu);
}

void
trw_first_error_set(struct trw_first_error *first, const struct trw_err *err)
{
	(void)pthread_mutex_lock(&first->mu);
	if (!trw_first_error_is_set(first)) {
		first->err = *err;
		atomic_store_explicit(&first->is_set, true, memory_order_relaxed);
	}
	(void)pthread_mutex_unlock(&first->mu);
}

bool
trw_first_error_is_set(const struct trw_first_error *first)
{
	return atomic_load_explicit(&first->is_set, memory_order_relaxed);
}

bool
trw_first_error_stops(const struct trw_first_error *first)
{
	return trw_first_error_is_set(first) || trw_is_cancelled();
}

enum trw_status
trw_first_error_get(struct trw_first_error *first, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	(void)pthread_mutex_lock(&first->mu);
	if (trw_first_error_is_set(first)) {
		*err = first->err;
		st = first->err.status;
	}
	(void)pthread_mutex_unlock(&first->mu);
	return st;
}

enum trw_status
trw_first_error_status(struct trw_first_error *first, struct trw_err *err)
{
	enum trw_status st = trw_first_error_get(first, err);

	return st == TRW_OK && trw_is_cancelled() ? trw_fail(err, TRW_ECANCEL, "interrupted") : st;
}
