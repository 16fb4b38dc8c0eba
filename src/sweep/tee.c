/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/tee.h"

#include "base/alloc.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

size_t
trw_tee_stride(const struct trw_consumer *c)
{
	size_t unit = _Alignof(max_align_t);

	return (c->state_size + unit - 1) / unit * unit;
}

/* The consumer's part of the tee: its clone and the room for its states. */
static enum trw_status
add_consumer(struct trw_tee *t, size_t i, struct trw_err *err)
{
	const struct trw_consumer *c = &t->row.v[i];
	enum trw_status st = TRW_OK;

	t->states[i] = trw_alloc(
		c->bytes_many != NULL ? TRW_CONSUMER_MANY : 1, trw_tee_stride(c) + 1, err);
	if (t->states[i] == NULL)
		return TRW_ENOMEM;
	t->self[i] = c->shared;
	if (c->clone != NULL)
		st = c->clone(c, &t->self[i], err);
	t->n_cloned += st == TRW_OK;
	return st;
}

enum trw_status
trw_tee_new(struct trw_consumers row, struct trw_tee **out, struct trw_err *err)
{
	struct trw_tee *t = trw_alloc(1, sizeof(*t), err);
	enum trw_status st = t == NULL ? TRW_ENOMEM : TRW_OK;

	assert(row.n <= TRW_CONSUMERS_MAX);
	*out = NULL;
	if (st == TRW_OK)
		t->row = row;
	for (size_t i = 0; st == TRW_OK && i < row.n; i++)
		st = add_consumer(t, i, err);
	if (st == TRW_OK)
		*out = t;
	else
		trw_tee_free(t);
	return st;
}

void
trw_tee_free(struct trw_tee *t)
{
	if (t == NULL)
		return;
	trw_tee_abandon(t);
	for (size_t i = 0; i < t->row.n; i++) {
		if (i < t->n_cloned && t->row.v[i].clone != NULL)
			t->row.v[i].free(t->self[i]);
		free(t->states[i]);
	}
	free(t);
}

static void
abandon(const struct trw_consumer *c, void *state)
{
	if (c->abandon != NULL)
		c->abandon(state);
}

void
trw_tee_abandon(struct trw_tee *t)
{
	for (size_t i = 0; i < t->n_begun; i++)
		abandon(&t->row.v[i], t->states[i]);
	t->n_begun = 0;
}

bool
trw_tee_can_restart(const struct trw_tee *t)
{
	for (size_t i = 0; i < t->row.n; i++)
		if (t->row.v[i].is_once)
			return false;
	return true;
}

enum trw_status
trw_tee_begin(struct trw_tee *t, const struct trw_stream_head *head, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	trw_tee_abandon(t);
	for (size_t i = 0; st == TRW_OK && i < t->row.n; i++) {
		st = t->row.v[i].begin(t->self[i], t->states[i], head, 0, 1, err);
		t->n_begun += st == TRW_OK;
	}
	return st;
}

enum trw_status
trw_tee_bytes(struct trw_tee *t, const uint8_t *p, size_t n, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(t->n_begun == t->row.n);
	for (size_t i = 0; st == TRW_OK && i < t->row.n; i++)
		st = t->row.v[i].bytes(t->self[i], t->states[i], p, n, err);
	return st;
}

enum trw_status
trw_tee_zeros(struct trw_tee *t, uint64_t n, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(t->n_begun == t->row.n);
	for (size_t i = 0; st == TRW_OK && i < t->row.n; i++)
		st = t->row.v[i].zeros(t->self[i], t->states[i], n, err);
	return st;
}

enum trw_status
trw_tee_missing(struct trw_tee *t, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(t->n_begun == t->row.n && why != TRW_SPAN_DATA && why != TRW_SPAN_ZERO);
	for (size_t i = 0; st == TRW_OK && i < t->row.n; i++)
		st = t->row.v[i].missing(t->self[i], t->states[i], n, why, err);
	return st;
}

enum trw_status
trw_tee_end(struct trw_tee *t, struct trw_stream_done *done, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(t->n_begun == t->row.n);
	for (size_t i = 0; i < t->row.n; i++) {
		if (st == TRW_OK)
			st = t->row.v[i].end(t->self[i], t->states[i], done, err);
		else
			abandon(&t->row.v[i], t->states[i]);
	}
	t->n_begun = 0;
	return st;
}

static enum trw_status
whole_one(const struct trw_consumer *c, void *self, void *state, struct trw_whole *w,
	struct trw_err *err)
{
	enum trw_status st = c->begin(self, state, &w->head, 0, 1, err);

	if (st < 0)
		return st;
	if (w->head.size > 0)
		st = c->bytes(self, state, w->p, (size_t)w->head.size, err);
	if (st == TRW_OK)
		return c->end(self, state, &w->done, err);
	abandon(c, state);
	return st;
}

static enum trw_status
whole_many(const struct trw_consumer *c, void *self, uint8_t *states, struct trw_whole *v, size_t n,
	struct trw_err *err)
{
	struct trw_share shares[TRW_CONSUMER_MANY];
	struct trw_ending endings[TRW_CONSUMER_MANY];
	size_t stride = trw_tee_stride(c), n_begun = 0, n_shares = 0;
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		uint8_t *state = states + i * stride;
		if (v[i].head.size > 0)
			shares[n_shares++] =
				(struct trw_share){state, v[i].p, (size_t)v[i].head.size};
		endings[i] = (struct trw_ending){state, &v[i].done};
		st = c->begin(self, state, &v[i].head, 0, 1, err);
		n_begun += st == TRW_OK;
	}
	if (st == TRW_OK)
		st = c->bytes_many(self, shares, n_shares, err);
	if (st == TRW_OK)
		return c->end_many(self, endings, n, err);
	for (size_t i = 0; i < n_begun; i++)
		abandon(c, states + i * stride);
	return st;
}

enum trw_status
trw_tee_whole(struct trw_tee *t, struct trw_whole *v, size_t n, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(n <= TRW_CONSUMER_MANY && t->n_begun == 0);
	for (size_t i = 0; st == TRW_OK && i < t->row.n; i++) {
		const struct trw_consumer *c = &t->row.v[i];
		if (c->bytes_many != NULL) {
			st = whole_many(c, t->self[i], t->states[i], v, n, err);
			continue;
		}
		for (size_t k = 0; st == TRW_OK && k < n; k++)
			st = whole_one(c, t->self[i], t->states[i], &v[k], err);
	}
	return st;
}
