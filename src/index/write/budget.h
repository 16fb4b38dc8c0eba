/* SPDX-License-Identifier: Apache-2.0 */
/** A count of bytes that producers wait on: bounds what lies in a queue by size, not only by number. */
#pragma once

#include "base/status.h"

#include <pthread.h>

struct trw_budget {
	pthread_mutex_t mu;
	pthread_cond_t can_take;
	uint64_t max;  /* immutable after init */
	uint64_t used; /* guarded by mu */
};

void trw_budget_init(struct trw_budget *b, uint64_t max);
void trw_budget_destroy(struct trw_budget *b);

/** Wait until n fits (or nothing else is taken: one item larger than max may pass alone). */
void trw_budget_take(struct trw_budget *b, uint64_t n);
void trw_budget_give(struct trw_budget *b, uint64_t n);
