/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/digests.h"

#include "digest/lanes.h"

#include <assert.h>

/* A stream shorter than this is cheaper to digest than to look up. */
#define ZEROS_MIN ((uint64_t)1 << 20)

struct digesting {
	struct trw_digester digester;
	bool is_sparse; /* to be remembered */
	bool is_known;  /* remembered: nothing is computed */
	struct trw_digests known;
};

static enum trw_status
begin(void *self, void *state, const struct trw_stream_head *head, unsigned part, unsigned n_parts,
	struct trw_err *err)
{
	static const unsigned each[] = {TRW_MD5, TRW_SHA1, TRW_SHA256};
	struct trw_zeros *zeros = self;
	struct digesting *d = state;

	(void)err;
	trw_digest_start(&d->digester, n_parts == 1 ? TRW_DIGEST_ALL : each[part]);
	d->is_sparse = zeros != NULL && head->is_sparse && head->size >= ZEROS_MIN && n_parts == 1;
	d->is_known = d->is_sparse && trw_zeros_find(zeros, head->size, &d->known);
	return TRW_OK;
}

static enum trw_status
bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct digesting *d = state;

	(void)self;
	(void)err;
	trw_digest_update(&d->digester, p, n);
	return TRW_OK;
}

static enum trw_status
zeros(void *self, void *state, uint64_t n, struct trw_err *err)
{
	struct digesting *d = state;

	(void)self;
	(void)err;
	if (!d->is_known)
		trw_digest_zeros(&d->digester, n);
	return TRW_OK;
}

static enum trw_status
missing(void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	(void)why;
	return zeros(self, state, n, err);
}

static enum trw_status
end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	struct trw_zeros *remembered = self;
	struct digesting *d = state;

	(void)err;
	if (d->is_known) {
		done->digests = d->known;
		return TRW_OK;
	}
	trw_digest_finish(&d->digester, &done->digests);
	if (d->is_sparse)
		trw_zeros_add(remembered, done->size, &done->digests);
	return TRW_OK;
}

static enum trw_status
bytes_many(void *self, const struct trw_share *v, size_t n, struct trw_err *err)
{
	struct trw_lane lanes[TRW_CONSUMER_MANY];

	(void)self;
	(void)err;
	assert(n <= TRW_CONSUMER_MANY);
	for (size_t i = 0; i < n; i++) {
		struct digesting *d = v[i].state;
		lanes[i] = (struct trw_lane){&d->digester, v[i].p, v[i].n};
	}
	trw_lanes_update(lanes, n);
	return TRW_OK;
}

/* Of streams that had bytes: none of them is sparse. */
static enum trw_status
end_many(void *self, const struct trw_ending *v, size_t n, struct trw_err *err)
{
	struct trw_digester *each[TRW_CONSUMER_MANY];
	struct trw_digests *outs[TRW_CONSUMER_MANY];

	(void)self;
	(void)err;
	assert(n <= TRW_CONSUMER_MANY);
	for (size_t i = 0; i < n; i++) {
		struct digesting *d = v[i].state;
		assert(!d->is_sparse);
		each[i] = &d->digester;
		outs[i] = &v[i].done->digests;
	}
	trw_lanes_finish(each, outs, n);
	return TRW_OK;
}

struct trw_consumer
trw_digests_consumer(struct trw_zeros *remembered)
{
	return (struct trw_consumer){.shared = remembered,
		.state_size = sizeof(struct digesting),
		.n_parts = 3,
		.begin = begin,
		.bytes = bytes,
		.zeros = zeros,
		.missing = missing,
		.end = end,
		.bytes_many = bytes_many,
		.end_many = end_many};
}
