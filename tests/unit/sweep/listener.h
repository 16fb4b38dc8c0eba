/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A consumer for tests, to stand in a row beside the digests: it keeps what it hears of each stream, and finds out when
 * a rule of sweep/consumer.h is broken: calls out of order, a gap, a clone in two threads, an end or abandon missing.
 */
#pragma once

#include "sweep/consumer.h"

#include <pthread.h>

#define LISTENER_FIRST 16

/* What was heard of a stream. */
struct heard {
	int64_t id;
	uint64_t size, at;
	uint64_t sum;     /* of each byte times its place in the stream, from 1 */
	uint64_t missing; /* bytes */
	uint8_t first[LISTENER_FIRST];
	unsigned n_ends;
};

struct listener {
	size_t n; /* streams that there can be: ids are below it, or below n + base */
	int64_t base;
	struct heard *v; /* owned; by id; guarded by mu, as all below */
	pthread_mutex_t mu;
	size_t n_begun, n_over, n_abandoned, n_clones, n_freed;
	const char *wrong; /* the first rule that was broken, or NULL */
};

/* Bytes that are not there add nothing to the sum. */
uint64_t listener_sum(uint64_t at, const uint8_t *p, size_t n);
void listener_init(struct listener *l, size_t n, int64_t base);
void listener_clear(struct listener *l);
/* After all is over: the first rule that was broken, or NULL. */
const char *listener_finding(const struct listener *l);
struct trw_consumer listener_consumer(struct listener *l);
void listener_abandon(void *state);
