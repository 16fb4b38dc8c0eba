/* SPDX-License-Identifier: Apache-2.0 */
#include "index/write/budget.h"

void
trw_budget_init(struct trw_budget *b, uint64_t max)
{
	*b = (struct trw_budget){.max = max};
	(void)pthread_mutex_init(&b->mu, NULL);
	(void)pthread_cond_init(&b->can_take, NULL);
}

void
trw_budget_destroy(struct trw_budget *b)
{
	(void)pthread_cond_destroy(&b->can_take);
	(void)pthread_mutex_destroy(&b->mu);
}

void
trw_budget_take(struct trw_budget *b, uint64_t n)
{
	(void)pthread_mutex_lock(&b->mu);
	while (b->used > 0 && (n > b->max || b->used > b->max - n))
		(void)pthread_cond_wait(&b->can_take, &b->mu);
	b->used += n;
	(void)pthread_mutex_unlock(&b->mu);
}

void
trw_budget_give(struct trw_budget *b, uint64_t n)
{
	(void)pthread_mutex_lock(&b->mu);
	b->used -= n;
	(void)pthread_cond_broadcast(&b->can_take);
	(void)pthread_mutex_unlock(&b->mu);
}
