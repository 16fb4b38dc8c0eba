/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces are delivered in the order of the image and digested in that of the stream. A piece whose turn has not
 * come is copied and held in a heap; each piece that fits lets those go that follow it, and the zeros between.
 */
#include "sweep/pass.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define LONG_STREAM ((uint64_t)64 << 20) /* bytes from which digests run in chains of their own */
#define HELD_MAX ((size_t)1 << 20)       /* pieces of one stream */
#define HELD_COST 64                     /* bytes, about, that a held piece takes beside its own */
#define ZEROS_MAX ((uint64_t)16 << 20) /* bytes that are digested without asking whether to stop */

static void
start_chains(struct trw_sweep *s, struct trw_open *o)
{
	static const unsigned each[] = {TRW_MD5, TRW_SHA1, TRW_SHA256};

	o->n_chains = o->size >= LONG_STREAM ? s->open_chains : 1;
	for (size_t i = 0; i < o->n_chains; i++) {
		o->chain[i].open = o;
		trw_digest_start(
			&o->chain[i].digester, o->n_chains == 1 ? TRW_DIGEST_ALL : each[i]);
	}
}

enum trw_status
trw_open_new(struct trw_sweep *s, const struct trw_plan_piece *piece,
	struct trw_plan_stream *stream, int64_t id, uint64_t left, struct trw_open **out,
	struct trw_err *err)
{
	struct trw_open *o = trw_alloc(1, sizeof(*o), err);

	if (o == NULL)
		return TRW_ENOMEM;
	o->id = id;
	o->piece = *piece;
	o->left = left;
	if (stream != NULL) {
		o->size = stream->size;
		o->extents = stream->extents;
		stream->extents = (struct trw_extents){0};
	} else {
		o->size = piece->len;
		o->one = (struct trw_extent){piece->off, piece->len, TRW_EXTENT_DATA};
		o->extents = (struct trw_extents){&o->one, 1, 1, piece->len};
	}
	o->spans = (struct trw_spans){
		&o->extents, o->size, trw_image_info(s->spec.image)->size, 0, 0, 0};
	o->cost = sizeof(*o) + o->extents.cap * sizeof(*o->extents.v);
	atomic_fetch_add_explicit(&s->held, o->cost, memory_order_relaxed);
	o->refs = 1;
	start_chains(s, o);
	(void)pthread_mutex_lock(&s->mu);
	o->next = s->opens;
	if (s->opens != NULL)
		s->opens->prev = o;
	s->opens = o;
	(void)pthread_mutex_unlock(&s->mu);
	*out = o;
	return TRW_OK;
}

static void
uncharge(struct trw_sweep *s, uint64_t held_len)
{
	atomic_fetch_sub_explicit(&s->held, held_len + HELD_COST, memory_order_relaxed);
}

static void
drop_held(struct trw_sweep *s, struct trw_open *o)
{
	for (size_t i = 0; i < o->n_held; i++) {
		uncharge(s, o->held[i].len);
		free(o->held[i].bytes);
	}
	free(o->held);
	o->held = NULL;
	o->n_held = o->cap_held = 0;
}

static void
free_items(struct trw_sweep *s, struct trw_open_item *item)
{
	while (item != NULL) {
		struct trw_open_item *next = item->next;
		if (item->owned != NULL)
			uncharge(s, item->len);
		free(item->owned);
		free(item);
		item = next;
	}
}

void
trw_open_free(struct trw_sweep *s, struct trw_open *o)
{
	if (o->prev != NULL)
		o->prev->next = o->next;
	else
		s->opens = o->next;
	if (o->next != NULL)
		o->next->prev = o->prev;
	drop_held(s, o);
	free_items(s, o->fresh);
	free_items(s, o->first);
	trw_ranges_clear(&o->damage);
	if (o->extents.v != &o->one)
		trw_extents_clear(&o->extents);
	atomic_fetch_sub_explicit(&s->held, o->cost, memory_order_relaxed);
	free(o);
}

void
trw_open_unref(struct trw_sweep *s, struct trw_open *o)
{
	if (--o->refs == 0)
		trw_open_free(s, o);
}

static enum trw_status
add_item(struct trw_open *o, const struct trw_open_item *item, struct trw_err *err)
{
	struct trw_open_item *copy = trw_alloc(1, sizeof(*copy), err);

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
	return TRW_OK;
}

static bool
is_earlier(const struct trw_open *o, size_t a, size_t b)
{
	return o->held[a].at < o->held[b].at;
}

static void
swap_held(struct trw_open *o, size_t a, size_t b)
{
	struct trw_held h = o->held[a];

	o->held[a] = o->held[b];
	o->held[b] = h;
}

static struct trw_held
pop_held(struct trw_open *o)
{
	struct trw_held first = o->held[0];
	size_t i = 0;

	o->held[0] = o->held[--o->n_held];
	for (;;) {
		size_t least = i, left = 2 * i + 1;
		if (left < o->n_held && is_earlier(o, left, least))
			least = left;
		if (left + 1 < o->n_held && is_earlier(o, left + 1, least))
			least = left + 1;
		if (least == i)
			return first;
		swap_held(o, i, least);
		i = least;
	}
}

/* Nothing more is digested of it; the reader tells the plan. */
static enum trw_status
put_off(struct trw_sweep *s, struct trw_open *o, struct trw_err *err)
{
	void *v;

	o->is_off = true;
	drop_held(s, o);
	(void)pthread_mutex_lock(&s->mu);
	v = trw_grow(s->off, s->n_off, &s->cap_off, sizeof(*s->off), SIZE_MAX, err);
	if (v != NULL) {
		s->off = v;
		s->off[s->n_off++] = o->piece;
	}
	(void)pthread_mutex_unlock(&s->mu);
	return v == NULL ? TRW_ENOMEM : TRW_OK;
}

enum trw_status
trw_open_drop(struct trw_sweep *s, struct trw_open *o, struct trw_err *err)
{
	o->left = 0;
	return o->is_off ? TRW_OK : put_off(s, o, err);
}

/* Keep a copy until its turn. */
static enum trw_status
hold(struct trw_sweep *s, struct trw_open *o, const struct trw_window *w,
	const struct trw_sweep_part *part, struct trw_err *err)
{
	uint64_t held = atomic_load_explicit(&s->held, memory_order_relaxed);
	uint64_t cost = part->len + HELD_COST;

	if (held > s->held_max || cost > s->held_max - held || o->n_held >= HELD_MAX)
		return put_off(s, o, err);
	void *v = trw_grow(o->held, o->n_held, &o->cap_held, sizeof(*o->held), SIZE_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	o->held = v;
	uint8_t *bytes = trw_memdup(w->buf + part->skip, part->len, err);
	if (bytes == NULL)
		return TRW_ENOMEM;
	atomic_fetch_add_explicit(&s->held, cost, memory_order_relaxed);
	size_t i = o->n_held++;
	o->held[i] = (struct trw_held){part->at, part->len, bytes};
	for (; i > 0 && is_earlier(o, i, (i - 1) / 2); i = (i - 1) / 2)
		swap_held(o, i, (i - 1) / 2);
	return TRW_OK;
}

enum trw_status
trw_open_note(
	struct trw_sweep *s, struct trw_open *o, const struct trw_span *span, struct trw_err *err)
{
	if (span->kind == TRW_SPAN_DATA || span->kind == TRW_SPAN_ZERO)
		return TRW_OK;
	if (o->cause[0] == '\0')
		trw_span_cause(
			span, trw_image_info(s->spec.image)->size, o->cause, sizeof(o->cause));
	return trw_ranges_add(&o->damage, span->at, span->len, TRW_DAMAGE_MISSING, err);
}

/* Queue the zeros that are next. TRW_END: the whole stream is queued. */
static enum trw_status
advance(struct trw_sweep *s, struct trw_open *o, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	while (st == TRW_OK) {
		if (o->has_span && o->at < o->span.at + o->span.len) {
			if (o->span.kind == TRW_SPAN_DATA)
				return TRW_OK;
			uint64_t left = o->span.at + o->span.len - o->at;
			struct trw_open_item zeros = {.len = left < ZEROS_MAX ? left : ZEROS_MAX};
			if (o->at == o->span.at)
				st = trw_open_note(s, o, &o->span, err);
			if (st == TRW_OK)
				st = add_item(o, &zeros, err);
			continue;
		}
		o->has_span = trw_spans_next(&o->spans, &o->span);
		if (!o->has_span)
			return TRW_END;
	}
	return st;
}

/* What is held and has its turn now. */
static enum trw_status
release(struct trw_sweep *s, struct trw_open *o, struct trw_err *err)
{
	enum trw_status st = advance(s, o, err);

	while (st == TRW_OK && o->n_held > 0 && o->held[0].at == o->at) {
		struct trw_held h = pop_held(o);
		struct trw_open_item item = {.owned = h.bytes, .p = h.bytes, .len = h.len};
		st = add_item(o, &item, err);
		if (st < 0) {
			uncharge(s, h.len);
			free(h.bytes);
			return st;
		}
		st = advance(s, o, err);
	}
	return st;
}

/* Where a stream begins with a hole the zeros come first. */
enum trw_status
trw_open_take(struct trw_sweep *s, struct trw_open *o, struct trw_window *w,
	const struct trw_sweep_part *part, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (o->is_off)
		return TRW_OK;
	if (w->damage.n > 0)
		st = trw_ranges_add_part(
			&o->damage, &w->damage, w->off + part->skip, part->len, part->at, err);
	if (st == TRW_OK && o->at == 0 && !o->has_span)
		st = advance(s, o, err);
	if (st < 0)
		return st;
	if (part->at != o->at)
		return hold(s, o, w, part, err);
	struct trw_open_item item = {.window = w, .p = w->buf + part->skip, .len = part->len};
	st = add_item(o, &item, err);
	if (st == TRW_OK)
		st = release(s, o, err);
	if (st == TRW_END)
		o->is_ended = true;
	return st < 0 ? st : TRW_OK;
}

void
trw_open_queue(struct trw_sweep *s, struct trw_open *o)
{
	if (o->fresh == NULL)
		return;
	for (struct trw_open_item *item = o->fresh; item != NULL; item = item->next)
		if (item->window != NULL)
			item->window->refs++;
	if (o->last != NULL)
		o->last->next = o->fresh;
	else
		o->first = o->fresh;
	o->is_whole = o->is_ended;
	for (size_t i = 0; i < o->n_chains; i++) {
		struct trw_open_chain *chain = &o->chain[i];
		if (chain->at == NULL)
			chain->at = o->fresh;
		if (!chain->is_busy)
			trw_sweep_queue_chain(s, chain);
	}
	o->last = o->last_fresh;
	o->fresh = o->last_fresh = NULL;
}

void
trw_open_pass(struct trw_sweep *s, const struct trw_chain_run *run)
{
	struct trw_open_chain *chain = run->chain;
	struct trw_open *o = chain->open;
	const struct trw_open_item *item;

	do {
		item = chain->at;
		chain->at->n_chains--;
		chain->at = chain->at->next;
	} while (item != run->last);
	while (o->first != NULL && o->first->n_chains == 0) {
		struct trw_open_item *first = o->first;
		o->first = first->next;
		if (o->first == NULL)
			o->last = NULL;
		if (first->window != NULL)
			trw_window_unref(s, first->window);
		first->next = NULL;
		free_items(s, first);
	}
}
