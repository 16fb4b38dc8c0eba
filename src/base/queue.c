/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdlib.h>

struct trw_queue {
	pthread_mutex_t mu;
	pthread_cond_t can_put, can_get;
	size_t max;  /* immutable after new */
	size_t head; /* guarded by mu */
	size_t n;    /* guarded by mu */
	bool closed; /* guarded by mu */
	void **v;    /* max slots, a ring; guarded by mu */
};

enum trw_status
trw_queue_new(size_t max, struct trw_queue **out, struct trw_err *err)
{
	struct trw_queue *q = trw_alloc(1, sizeof(*q), err);

	if (q == NULL)
		return TRW_ENOMEM;
	q->max = max > 0 ? max : 1;
	q->v = trw_alloc(q->max, sizeof(*q->v), err);
	if (q->v == NULL) {
		free(q);
		return TRW_ENOMEM;
	}
	(void)pthread_mutex_init(&q->mu, NULL);
	(void)pthread_cond_init(&q->can_put, NULL);
	(void)pthread_cond_init(&q->can_get, NULL);
	*out = q;
	return TRW_OK;
}

void
trw_queue_free(struct trw_queue *q)
{
	if (q == NULL)
		return;
	(void)pthread_cond_destroy(&q->can_get);
	(void)pthread_cond_destroy(&q->can_put);
	(void)pthread_mutex_destroy(&q->mu);
	free(q->v);
	free(q);
}

bool
trw_queue_put(struct trw_queue *q, void *item)
{
	bool done = false;

	(void)pthread_mutex_lock(&q->mu);
	while (q->n == q->max && !q->closed)
		(void)pthread_cond_wait(&q->can_put, &q->mu);
	if (!q->closed) {
		q->v[(q->head + q->n) % q->max] = item;
		q->n++;
		done = true;
		(void)pthread_cond_signal(&q->can_get);
	}
	(void)pthread_mutex_unlock(&q->mu);
	return done;
}

void *
trw_queue_get(struct trw_queue *q)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&q->mu);
	while (q->n == 0 && !q->closed)
		(void)pthread_cond_wait(&q->can_get, &q->mu);
	if (q->n > 0) {
		item = q->v[q->head];
		q->head = (q->head + 1) % q->max;
		q->n--;
		(void)pthread_cond_signal(&q->can_put);
	}
	(void)pthread_mutex_unlock(&q->mu);
	return item;
}

void
trw_queue_close(struct trw_queue *q)
{
	(void)pthread_mutex_lock(&q->mu);
	q->closed = true;
	(void)pthread_cond_broadcast(&q->can_put);
	(void)pthread_cond_broadcast(&q->can_get);
	(void)pthread_mutex_unlock(&q->mu);
}
