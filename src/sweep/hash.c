/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/hash.h"

#include <assert.h>

static enum trw_status
post(const struct trw_hasher *h, struct trw_stream_done *done, struct trw_err *err)
{
	enum trw_status st = h->events->done(h->events->ctx, h->number, done, err);

	trw_ranges_clear(&done->damage);
	return st;
}

/* What delivery has found out about a stream; its damage moves. */
static struct trw_stream_done
done_of(struct trw_open *o)
{
	struct trw_stream_done done = {
		.id = o->head.id, .size = o->head.size, .damage = o->damage, .cause = o->cause};

	o->damage = (struct trw_ranges){0};
	return done;
}

static enum trw_status
gather_span(struct trw_hasher *h, const struct trw_window *w, struct trw_open *o,
	const struct trw_span *span, struct trw_err *err)
{
	enum trw_status st;

	if (span->kind == TRW_SPAN_ZERO)
		return trw_tee_zeros(h->tee, span->len, err);
	if (span->kind != TRW_SPAN_DATA) {
		st = trw_open_note(h->opens, o, span, err);
		return st < 0 ? st : trw_tee_missing(h->tee, span->len, span->kind, err);
	}
	assert(span->off >= w->off && span->off - w->off + span->len <= w->len);
	if (w->damage.n > 0) {
		st = trw_ranges_add_part(
			&o->damage, &w->damage, span->off, span->len, span->at, err);
		if (st < 0)
			return st;
	}
	return trw_tee_bytes(h->tee, w->buf + (span->off - w->off), (size_t)span->len, err);
}

/* A stream of several spans that all lie in the window. */
static enum trw_status
gather(struct trw_hasher *h, const struct trw_window *w, struct trw_open *o, struct trw_err *err)
{
	struct trw_span span;
	enum trw_status st = trw_tee_begin(h->tee, &o->head, err);

	while (st == TRW_OK && trw_spans_next(&o->spans, &span))
		st = gather_span(h, w, o, &span, err);
	if (st < 0)
		return st;
	struct trw_stream_done done = done_of(o);
	st = trw_tee_end(h->tee, &done, err);
	if (st == TRW_OK)
		return post(h, &done, err);
	trw_ranges_clear(&done.damage);
	return st;
}

/* The same, and its end. */
static enum trw_status
gather_file(struct trw_hasher *h, struct trw_window *w, size_t i, struct trw_err *err)
{
	struct trw_open *o = w->files[i].open, *dead = NULL;
	enum trw_status st = gather(h, w, o, err);

	w->files[i].open = NULL;
	trw_ready_lock(h->opens->ready);
	trw_open_unref(h->opens, o, &dead);
	assert(dead != NULL);
	trw_ready_unlock(h->opens->ready);
	trw_opens_bury(h->opens, dead);
	return st;
}

/* Streams that are one run of bytes of the window. */
static enum trw_status
hash_whole(struct trw_hasher *h, const struct trw_window *w, struct trw_whole *v, size_t n,
	struct trw_err *err)
{
	enum trw_status st = trw_tee_whole(h->tee, v, n, err);

	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		if (w->damage.n > 0)
			st = trw_ranges_add_part(&v[i].done.damage, &w->damage,
				w->off + (uint64_t)(v[i].p - w->buf), v[i].head.size, 0, err);
		if (st == TRW_OK)
			st = post(h, &v[i].done, err);
	}
	return st;
}

enum trw_status
trw_hash_files(
	struct trw_hasher *h, struct trw_window *w, size_t from, size_t to, struct trw_err *err)
{
	struct trw_whole whole[TRW_CONSUMER_MANY];
	size_t n = 0;
	enum trw_status st = TRW_OK;

	assert(to - from <= TRW_CONSUMER_MANY);
	for (size_t i = from; st == TRW_OK && i < to; i++) {
		const struct trw_window_file *f = &w->files[i];
		if (f->open != NULL) {
			st = gather_file(h, w, i, err);
			continue;
		}
		whole[n++] = (struct trw_whole){.head = {.id = f->id, .size = f->len},
			.p = w->buf + f->skip,
			.done = {.id = f->id, .size = f->len, .cause = ""}};
	}
	return st == TRW_OK ? hash_whole(h, w, whole, n, err) : st;
}

static enum trw_status
begin_chain(struct trw_hasher *h, struct trw_chain *c, struct trw_err *err)
{
	const struct trw_consumer *consumer = &h->tee->row.v[c->consumer];
	enum trw_status st;

	if (c->is_begun)
		return TRW_OK;
	st = consumer->begin(
		h->tee->self[c->consumer], c->state, &c->open->head, c->part, c->n_parts, err);
	c->is_begun = st == TRW_OK;
	return st;
}

/* One item for one chain; its bytes are added to shares where the consumer takes many side by side. */
static enum trw_status
hear(struct trw_hasher *h, const struct trw_chain *c, const struct trw_item *item,
	struct trw_share *shares, size_t *n_shares, struct trw_err *err)
{
	const struct trw_consumer *consumer = &h->tee->row.v[c->consumer];
	void *self = h->tee->self[c->consumer];

	if (item->kind == TRW_SPAN_ZERO)
		return consumer->zeros(self, c->state, item->len, err);
	if (item->kind != TRW_SPAN_DATA)
		return consumer->missing(self, c->state, item->len, item->kind, err);
	if (consumer->bytes_many == NULL)
		return consumer->bytes(self, c->state, item->p, (size_t)item->len, err);
	shares[(*n_shares)++] = (struct trw_share){c->state, item->p, (size_t)item->len};
	return TRW_OK;
}

/* One item of each run of the consumer that has any left; *n_heard: how many had. */
static enum trw_status
round_once(struct trw_hasher *h, size_t consumer, struct trw_chain_run *runs, size_t n,
	size_t *n_heard, struct trw_err *err)
{
	struct trw_share shares[TRW_OPEN_RUNS];
	size_t n_shares = 0;
	enum trw_status st = TRW_OK;

	*n_heard = 0;
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		const struct trw_item *item = runs[i].at;
		if (item == NULL || runs[i].chain->consumer != consumer)
			continue;
		st = hear(h, runs[i].chain, item, shares, &n_shares, err);
		runs[i].at = item == runs[i].last ? NULL : item->next;
		++*n_heard;
	}
	if (st < 0 || n_shares == 0)
		return st;
	return h->tee->row.v[consumer].bytes_many(h->tee->self[consumer], shares, n_shares, err);
}

static enum trw_status
hear_all(struct trw_hasher *h, struct trw_chain_run *runs, size_t n, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = begin_chain(h, runs[i].chain, err);
	for (size_t i = 0; st == TRW_OK && i < h->tee->row.n; i++) {
		size_t n_heard = 1;
		while (st == TRW_OK && n_heard > 0) {
			st = round_once(h, i, runs, n, &n_heard, err);
			if (st == TRW_OK && n_heard > 0 && trw_sweep_stops(h->events))
				st = trw_fail(err, TRW_ECANCEL, "interrupted");
		}
	}
	return st;
}

/* All of a stream has been heard by all of its chains. */
static enum trw_status
finish(struct trw_hasher *h, struct trw_open *o, struct trw_err *err)
{
	struct trw_stream_done done = done_of(o);
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < o->n_chains; i++) {
		struct trw_chain *c = &o->chain[i];
		c->is_begun = false;
		st = h->tee->row.v[c->consumer].end(
			h->tee->self[c->consumer], c->state, &done, err);
	}
	if (st == TRW_OK)
		return post(h, &done, err);
	trw_ranges_clear(&done.damage);
	return st;
}

enum trw_status
trw_hash_chains(struct trw_hasher *h, struct trw_chain_run *runs, size_t n, struct trw_err *err)
{
	struct trw_open *whole[TRW_OPEN_RUNS], *dead = NULL;
	size_t n_whole = 0;
	enum trw_status st = hear_all(h, runs, n, err);

	if (st < 0)
		return st;
	trw_ready_lock(h->opens->ready);
	for (size_t i = 0; i < n; i++)
		if (trw_chain_pass(h->opens, &runs[i]))
			whole[n_whole++] = runs[i].chain->open;
	trw_ready_unlock(h->opens->ready);
	for (size_t i = 0; st == TRW_OK && i < n_whole; i++)
		st = finish(h, whole[i], err);
	trw_ready_lock(h->opens->ready);
	for (size_t i = 0; i < n; i++)
		trw_open_unref(h->opens, runs[i].chain->open, &dead);
	trw_ready_unlock(h->opens->ready);
	trw_opens_bury(h->opens, dead);
	return st;
}
