/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece whose turn has not come is copied and held in a heap; each piece that fits lets those go that follow it, and
 * the zeros between.
 */
#include "sweep/open.h"

#include "base/alloc.h"
#include "sweep/tee.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LONG_STREAM                                                                                \
	((uint64_t)64 << 20)       /* bytes from which a consumer's parts are chains of their own */
#define HELD_MAX ((size_t)1 << 20) /* pieces of one stream */
#define HELD_COST 64               /* bytes, about, that a held piece takes beside its own */
#define ZEROS_MAX                                                                                  \
	((uint64_t)16 << 20) /* bytes without bytes that are heard without asking whether to stop */

void
trw_opens_init(struct trw_opens *os, struct trw_windows *windows, struct trw_consumers row)
{
	*os = (struct trw_opens){.ready = windows->ready, .windows = windows, .row = row};
	atomic_init(&os->held, 0);
}

void
trw_opens_clear(struct trw_opens *os)
{
	trw_opens_bury(os, os->all);
	free(os->off);
	os->all = NULL;
	os->off = NULL;
}

static unsigned
parts_of(const struct trw_opens *os, size_t consumer, uint64_t size)
{
	unsigned n = os->row.v[consumer].n_parts;

	assert(n <= TRW_CONSUMER_PARTS_MAX);
	return os->splits_long && size >= LONG_STREAM && n > 1 ? n : 1;
}

/* Its chains, where their states begin, and the bytes of all in one piece. */
static size_t
open_size(const struct trw_opens *os, uint64_t size, size_t *n_chains, size_t *states)
{
	size_t unit = _Alignof(max_align_t), bytes = 0;

	*n_chains = 0;
	for (size_t i = 0; i < os->row.n; i++) {
		unsigned n = parts_of(os, i, size);
		*n_chains += n;
		bytes += n * trw_tee_stride(&os->row.v[i]);
	}
	*states = sizeof(struct trw_open) + *n_chains * sizeof(struct trw_chain);
	*states = (*states + unit - 1) / unit * unit;
	return *states + bytes;
}

uint64_t
trw_opens_cost(const struct trw_opens *os, uint64_t size, size_t n_extents, bool is_gathered)
{
	size_t n_chains, states, bytes = open_size(os, size, &n_chains, &states);

	return (is_gathered ? sizeof(struct trw_open) : bytes) +
	       n_extents * sizeof(struct trw_extent);
}

bool
trw_opens_has_room(const struct trw_opens *os, uint64_t cost)
{
	uint64_t held = atomic_load_explicit(&os->held, memory_order_relaxed);

	return held <= os->held_max && cost <= os->held_max - held;
}

static void
add_chains(const struct trw_opens *os, struct trw_open *o, uint8_t *states)
{
	for (size_t i = 0; i < os->row.n; i++) {
		unsigned n = parts_of(os, i, o->head.size);
		for (unsigned part = 0; part < n; part++) {
			o->chain[o->n_chains++] = (struct trw_chain){.open = o,
				.consumer = i,
				.part = part,
				.n_parts = n,
				.state = states};
			states += trw_tee_stride(&os->row.v[i]);
		}
	}
}

static void
set_extents(struct trw_open *o, const struct trw_plan_piece *piece, struct trw_plan_stream *stream)
{
	if (stream != NULL) {
		o->extents = stream->extents;
		stream->extents = (struct trw_extents){0};
	} else {
		o->one = (struct trw_extent){piece->off, piece->len, TRW_EXTENT_DATA};
		o->extents = (struct trw_extents){&o->one, 1, 1, piece->len};
	}
}

static void
add_to_all(struct trw_opens *os, struct trw_open *o)
{
	trw_ready_lock(os->ready);
	o->next = os->all;
	if (os->all != NULL)
		os->all->prev = o;
	os->all = o;
	trw_ready_unlock(os->ready);
}

enum trw_status
trw_open_new(struct trw_opens *os, const struct trw_plan_piece *piece,
	struct trw_plan_stream *stream, int64_t id, uint64_t left, bool is_gathered,
	struct trw_open **out, struct trw_err *err)
{
	uint64_t size = stream != NULL ? stream->size : piece->len;
	size_t n_chains, states, bytes = open_size(os, size, &n_chains, &states);
	struct trw_open *o = trw_alloc(1, is_gathered ? sizeof(*o) : bytes, err);

	if (o == NULL)
		return TRW_ENOMEM;
	o->head = (struct trw_stream_head){.id = id, .size = size};
	o->piece = *piece;
	o->left = left;
	set_extents(o, piece, stream);
	o->spans = (struct trw_spans){&o->extents, size, os->image_size, 0, 0, 0};
	o->cost = trw_opens_cost(os, size, o->extents.cap, is_gathered);
	atomic_fetch_add_explicit(&os->held, o->cost, memory_order_relaxed);
	o->refs = 1;
	if (!is_gathered)
		add_chains(os, o, (uint8_t *)o + states);
	add_to_all(os, o);
	*out = o;
	return TRW_OK;
}

static void
uncharge(struct trw_opens *os, uint64_t held_len)
{
	atomic_fetch_sub_explicit(&os->held, held_len + HELD_COST, memory_order_relaxed);
}

static void
drop_held(struct trw_opens *os, struct trw_open *o)
{
	for (size_t i = 0; i < o->held.n; i++)
		uncharge(os, o->held.v[i].len);
	trw_held_clear(&o->held);
}

static void
free_items(struct trw_opens *os, struct trw_item *item)
{
	while (item != NULL) {
		struct trw_item *next = item->next;
		if (item->owned != NULL)
			uncharge(os, item->len);
		free(item->owned);
		free(item);
		item = next;
	}
}

static void
bury(struct trw_opens *os, struct trw_open *o)
{
	for (size_t i = 0; i < o->n_chains; i++) {
		const struct trw_consumer *c = &os->row.v[o->chain[i].consumer];
		if (o->chain[i].is_begun && c->abandon != NULL)
			c->abandon(o->chain[i].state);
	}
	drop_held(os, o);
	free_items(os, o->fresh);
	free_items(os, o->first);
	trw_ranges_clear(&o->damage);
	if (o->extents.v != &o->one)
		trw_extents_clear(&o->extents);
	atomic_fetch_sub_explicit(&os->held, o->cost, memory_order_relaxed);
	free(o);
}

void
trw_opens_bury(struct trw_opens *os, struct trw_open *dead)
{
	while (dead != NULL) {
		struct trw_open *next = dead->next;
		bury(os, dead);
		dead = next;
	}
}

void
trw_open_unref(struct trw_opens *os, struct trw_open *o, struct trw_open **dead)
{
	assert(trw_ready_is_held(os->ready) && o->refs > 0);
	if (--o->refs > 0)
		return;
	if (o->prev != NULL)
		o->prev->next = o->next;
	else
		os->all = o->next;
	if (o->next != NULL)
		o->next->prev = o->prev;
	o->next = *dead;
	*dead = o;
}

static enum trw_status
add_item(struct trw_open *o, const struct trw_item *item, struct trw_err *err)
{
	struct trw_item *copy = trw_alloc(1, sizeof(*copy), err);

	if (copy == NULL)
		return TRW_ENOMEM;
	*copy = *item;
	copy->n_chains = (unsigned)o->n_chains;
	if (o->fresh == NULL)
		o->fresh = copy;
	else
		o->last_fresh->next = copy;
	o->last_fresh = copy;
	o->at += copy->len;
	assert(o->at <= o->head.size);
	return TRW_OK;
}

/* Nothing more is heard of it; the reader tells the plan. */
static enum trw_status
put_off(struct trw_opens *os, struct trw_open *o, struct trw_err *err)
{
	void *v;

	o->is_off = true;
	drop_held(os, o);
	trw_ready_lock(os->ready);
	v = trw_grow(os->off, os->n_off, &os->cap_off, sizeof(*os->off), SIZE_MAX, err);
	if (v != NULL) {
		os->off = v;
		os->off[os->n_off++] = o->piece;
	}
	trw_ready_unlock(os->ready);
	return v == NULL ? TRW_ENOMEM : TRW_OK;
}

size_t
trw_opens_take_off(struct trw_opens *os, struct trw_plan_piece **v)
{
	trw_ready_lock(os->ready);
	size_t n = os->n_off;
	*v = os->off;
	os->off = NULL;
	os->n_off = os->cap_off = 0;
	trw_ready_unlock(os->ready);
	return n;
}

enum trw_status
trw_open_drop(struct trw_opens *os, struct trw_open *o, struct trw_err *err)
{
	o->left = 0;
	return o->is_off ? TRW_OK : put_off(os, o, err);
}

/* Keep a copy until its turn. */
static enum trw_status
hold(struct trw_opens *os, struct trw_open *o, const struct trw_window *w,
	const struct trw_window_part *part, struct trw_err *err)
{
	uint64_t cost = part->len + HELD_COST;

	if (!trw_opens_has_room(os, cost) || o->held.n >= HELD_MAX)
		return put_off(os, o, err);
	atomic_fetch_add_explicit(&os->held, cost, memory_order_relaxed);
	enum trw_status st = trw_held_add(&o->held, part->at, w->buf + part->skip, part->len, err);
	if (st < 0)
		uncharge(os, part->len);
	return st;
}

enum trw_status
trw_open_note(
	struct trw_opens *os, struct trw_open *o, const struct trw_span *span, struct trw_err *err)
{
	if (span->kind == TRW_SPAN_DATA || span->kind == TRW_SPAN_ZERO)
		return TRW_OK;
	if (o->cause[0] == '\0')
		trw_span_cause(span, os->image_size, o->cause, sizeof(o->cause));
	return trw_ranges_add(&o->damage, span->at, span->len, TRW_DAMAGE_MISSING, err);
}

/* Make items of what is next and has no bytes. TRW_END: the whole stream is items. */
static enum trw_status
advance(struct trw_opens *os, struct trw_open *o, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	while (st == TRW_OK) {
		if (o->has_span && o->at < o->span.at + o->span.len) {
			if (o->span.kind == TRW_SPAN_DATA)
				return TRW_OK;
			uint64_t left = o->span.at + o->span.len - o->at;
			struct trw_item item = {
				.kind = o->span.kind, .len = left < ZEROS_MAX ? left : ZEROS_MAX};
			if (o->at == o->span.at)
				st = trw_open_note(os, o, &o->span, err);
			if (st == TRW_OK)
				st = add_item(o, &item, err);
			continue;
		}
		o->has_span = trw_spans_next(&o->spans, &o->span);
		if (!o->has_span)
			return TRW_END;
	}
	return st;
}

/* Bytes whose turn it is. */
static enum trw_status
add_bytes(struct trw_open *o, const struct trw_item *item, struct trw_err *err)
{
	assert(o->has_span && o->span.kind == TRW_SPAN_DATA && item->kind == TRW_SPAN_DATA);
	assert(item->len <= o->span.at + o->span.len - o->at);
	return add_item(o, item, err);
}

/* What is held and has its turn now. */
static enum trw_status
release(struct trw_opens *os, struct trw_open *o, struct trw_err *err)
{
	enum trw_status st = advance(os, o, err);

	while (st == TRW_OK && o->held.n > 0 && o->held.v[0].at == o->at) {
		struct trw_held_piece h = trw_held_pop(&o->held);
		struct trw_item item = {.owned = h.bytes, .p = h.bytes, .len = h.len};
		st = add_bytes(o, &item, err);
		if (st < 0) {
			uncharge(os, h.len);
			free(h.bytes);
			return st;
		}
		st = advance(os, o, err);
	}
	return st;
}

/* Where a stream begins with a hole the zeros come first. */
enum trw_status
trw_open_take(struct trw_opens *os, struct trw_open *o, struct trw_window *w,
	const struct trw_window_part *part, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (o->is_off)
		return TRW_OK;
	if (w->damage.n > 0)
		st = trw_ranges_add_part(
			&o->damage, &w->damage, w->off + part->skip, part->len, part->at, err);
	if (st == TRW_OK && o->at == 0 && !o->has_span)
		st = advance(os, o, err);
	if (st < 0)
		return st;
	if (part->at != o->at)
		return hold(os, o, w, part, err);
	struct trw_item item = {.window = w, .p = w->buf + part->skip, .len = part->len};
	st = add_bytes(o, &item, err);
	if (st == TRW_OK)
		st = release(os, o, err);
	if (st == TRW_END)
		o->is_ended = true;
	return st < 0 ? st : TRW_OK;
}

static void
queue_chain(struct trw_opens *os, struct trw_chain *chain)
{
	assert(!chain->is_busy && chain->at != NULL);
	chain->is_busy = true;
	chain->open->refs++;
	chain->next = NULL;
	if (os->chains == NULL)
		os->chains = chain;
	else
		os->last_chain->next = chain;
	os->last_chain = chain;
	(void)pthread_cond_signal(&os->ready->has_work);
}

void
trw_open_queue(struct trw_opens *os, struct trw_open *o)
{
	assert(trw_ready_is_held(os->ready) && o->refs > 0 && !o->is_whole);
	if (o->fresh == NULL)
		return;
	for (struct trw_item *item = o->fresh; item != NULL; item = item->next)
		if (item->window != NULL)
			trw_window_ref(os->windows, item->window);
	if (o->last != NULL)
		o->last->next = o->fresh;
	else
		o->first = o->fresh;
	o->is_whole = o->is_ended;
	for (size_t i = 0; i < o->n_chains; i++) {
		struct trw_chain *chain = &o->chain[i];
		if (chain->at == NULL)
			chain->at = o->fresh;
		if (!chain->is_busy)
			queue_chain(os, chain);
	}
	o->last = o->last_fresh;
	o->fresh = o->last_fresh = NULL;
}

/* Several at once: streams of many pieces gain by going side by side. Leave some for the other hashers. */
size_t
trw_opens_next_chains(struct trw_opens *os, unsigned jobs, struct trw_chain_run *runs, size_t max)
{
	size_t n_ready = 0, share, n = 0;

	assert(trw_ready_is_held(os->ready));
	for (struct trw_chain *c = os->chains; c != NULL && n_ready < 256; c = c->next)
		n_ready++;
	share = (n_ready + jobs - 1) / jobs;
	while (os->chains != NULL && n < max && n < share) {
		struct trw_chain *c = os->chains;
		os->chains = c->next;
		assert(c->is_busy && c->at != NULL);
		runs[n++] = (struct trw_chain_run){c, c->at, c->open->last};
	}
	return n;
}

/* Items that every chain has passed. */
static void
free_passed(struct trw_opens *os, struct trw_open *o)
{
	while (o->first != NULL && o->first->n_chains == 0) {
		struct trw_item *first = o->first;
		o->first = first->next;
		if (o->first == NULL)
			o->last = NULL;
		if (first->window != NULL)
			trw_window_unref(os->windows, first->window);
		first->next = NULL;
		free_items(os, first);
	}
}

bool
trw_chain_pass(struct trw_opens *os, const struct trw_chain_run *run)
{
	struct trw_chain *chain = run->chain;
	struct trw_open *o = chain->open;
	const struct trw_item *item;

	assert(trw_ready_is_held(os->ready) && chain->is_busy);
	do {
		item = chain->at;
		assert(item->n_chains > 0);
		chain->at->n_chains--;
		chain->at = chain->at->next;
	} while (item != run->last);
	free_passed(os, o);
	chain->is_busy = false;
	if (chain->at != NULL) {
		queue_chain(os, chain);
		return false;
	}
	return o->is_whole && ++o->n_done == o->n_chains;
}
