/* SPDX-License-Identifier: Apache-2.0 */
/** A bounded queue of pointers between threads: the bound is the back-pressure. */
#pragma once

#include "base/status.h"

struct trw_queue;

/** A queue for at most max items. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_queue_new(
	size_t max, struct trw_queue **out, struct trw_err *err);

/** Items that are still inside are not freed: take them out first. */
void trw_queue_free(struct trw_queue *q);

/** Wait for room and put item in (never NULL). False when the queue is closed: item stays the caller's. */
TRW_NODISCARD bool trw_queue_put(struct trw_queue *q, void *item);

/** Wait for an item. NULL when the queue is closed and empty. */
void *trw_queue_get(struct trw_queue *q);

/** No more puts; gets drain what is inside. May be called more than once, from any thread. */
void trw_queue_close(struct trw_queue *q);
