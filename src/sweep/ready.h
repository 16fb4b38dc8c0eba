/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the threads of a sweep meet: the one lock, what they wait for, and the first error. The queues of what is
 * ready lie with what they queue (window.h, open.h) and are guarded by this lock.
 *
 * The lock is never held while reading, inflating, digesting or calling back, and there is no other one. A function
 * that says "mu is held" asserts it; all others take it themselves.
 */
#pragma once

#include "base/status.h"

#include <pthread.h>

struct trw_ready {
	pthread_mutex_t mu;
	pthread_cond_t has_work; /* hashers wait: a job, the end, or an error */
	pthread_cond_t has_room; /* the reader waits: a free window, or an error */
	/* owner: who holds mu; read by others only to find out that they do not */
	pthread_t holder;
	bool is_held;
	/* guarded by mu */
	bool is_fetched; /* the reader has ended: no more windows will come */
	bool has_failed;
	struct trw_err err; /* the first */
};

void trw_ready_init(struct trw_ready *r);
void trw_ready_destroy(struct trw_ready *r);

void trw_ready_lock(struct trw_ready *r);
void trw_ready_unlock(struct trw_ready *r);
/** mu is held, and again when this returns. Wakes up for nothing at times. */
void trw_ready_wait(struct trw_ready *r, pthread_cond_t *cond);
/** True when the calling thread holds mu: for assertions. */
bool trw_ready_is_held(const struct trw_ready *r);

/** The reader has ended. */
void trw_ready_fetched(struct trw_ready *r);
/** Keep the first error and wake everybody: all threads end. */
void trw_ready_fail(struct trw_ready *r, const struct trw_err *err);
