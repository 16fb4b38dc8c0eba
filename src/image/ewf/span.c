/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stretch of chunks in two halves. Fetch groups the places of its chunks and reads each group at once:
 *
 *   file     ..[c0][c1][c2]..[c3]....table, table2, sectors....[c4][c5]..
 *   groups     <-- one read, with the small gap -->             <- one ->
 *   stored   [c0 c1 c2 .. c3][c4 c5]        a slot says where in it its chunk begins, and how much there is
 *
 * Chunks nearly always follow each other, so a stretch is one read. A group grows while the next chunk begins
 * in it or close behind it; chunks that share their bytes are read once. What a table of hostile or odd making
 * can ask for beyond that (to go back in the file, more bytes than a stretch can need, more chunks than slots)
 * gets no slot that is fetched: unpack reads such a chunk by itself. So no table makes a stretch's buffer
 * larger than a quarter more than the stretch and one chunk, and fetch only goes forward.
 *
 * A read that fails is done again chunk by chunk, so that damage is exactly that of trw_ewf_read.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"
#include "base/io.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#define GAP_MAX 4096                /* bytes between two chunks that are rather read than skipped */
#define SLOTS_MAX ((size_t)1 << 16) /* chunks of one stretch that are fetched together */

struct slot {
	size_t at;  /* where in stored the chunk begins */
	size_t len; /* bytes that its place has; once they are read, how many there are */
	bool is_fetched;
};

/* One owner at a time, as the span that it is of. */
struct packed {
	struct libdeflate_decompressor *inflater;
	uint8_t *stored;    /* owned: the groups, one behind the other */
	size_t cap;         /* bytes of stored */
	struct slot *slots; /* owned: of the stretch's first chunks, in order */
	size_t n, cap_slots;
	uint8_t *one;   /* owned: a chunk that was not fetched; NULL until needed */
	uint8_t *plain; /* owned: the media's last chunk with its padding; NULL until needed */
	size_t one_cap, plain_cap;
};

/* The group that is being put together. */
struct group {
	const struct trw_source *src; /* NULL: none yet */
	uint64_t off, end;            /* bytes of the file */
	size_t at;                    /* where in stored it begins */
	size_t first;                 /* slot of its first chunk */
};

static void
packed_free(void *ctx)
{
	struct packed *s = ctx;

	libdeflate_free_decompressor(s->inflater);
	free(s->stored);
	free(s->slots);
	free(s->one);
	free(s->plain);
	free(s);
}

static enum trw_status
packed_new(struct packed **out, struct trw_err *err)
{
	struct packed *s = trw_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return TRW_ENOMEM;
	s->inflater = libdeflate_alloc_decompressor();
	if (s->inflater == NULL) {
		packed_free(s);
		return trw_fail(err, TRW_ENOMEM, "out of memory (inflater)");
	}
	*out = s;
	return TRW_OK;
}

/* v, or in its place (it is then freed) room for n elements of size bytes; *cap is what it has. */
static void *
room_for(void *v, size_t *cap, size_t n, size_t size, struct trw_err *err)
{
	if (v != NULL && *cap >= n)
		return v;
	free(v);
	v = trw_alloc(n, size, err);
	*cap = v == NULL ? 0 : n;
	return v;
}

static size_t
count_chunks(const struct trw_ewf *ewf, const struct trw_image_span *span)
{
	return span->len / ewf->chunk_size + (span->len % ewf->chunk_size != 0);
}

/* Empty slots, and a buffer that no sound table fills. */
static enum trw_status
prepare(const struct trw_ewf *ewf, struct trw_image_span *span, struct trw_err *err)
{
	size_t n = count_chunks(ewf, span);
	size_t room = span->len + span->len / 4 + trw_ewf_stored_max(ewf->chunk_size);
	struct packed *s = span->packed;
	enum trw_status st = s == NULL ? packed_new(&s, err) : TRW_OK;

	if (st != TRW_OK)
		return st;
	span->packed = s;
	span->free_packed = packed_free;
	s->n = n < SLOTS_MAX ? n : SLOTS_MAX;
	s->slots = room_for(s->slots, &s->cap_slots, s->n, sizeof(*s->slots), err);
	if (s->slots == NULL)
		return TRW_ENOMEM;
	memset(s->slots, 0, s->n * sizeof(*s->slots));
	s->stored = room_for(s->stored, &s->cap, room, 1, err);
	return s->stored == NULL ? TRW_ENOMEM : TRW_OK;
}

/* Read the group, whose chunks are in slots up to, not including, `to`. */
static void
read_group(struct packed *s, const struct group *g, size_t to)
{
	struct trw_err ignored = {0};
	enum trw_status st;
	size_t got = 0;

	if (g->src == NULL)
		return;
	st = trw_pread_full(
		g->src->fd, s->stored + g->at, (size_t)(g->end - g->off), g->off, &got, &ignored);
	for (size_t i = g->first; i < to; i++) {
		struct slot *slot = &s->slots[i];
		size_t skip = slot->at - g->at, n = 0;

		if (!slot->is_fetched || (skip <= got && slot->len <= got - skip))
			continue;
		if (st == TRW_OK)
			n = got > skip ? got - skip : 0;
		else if (trw_pread_full(g->src->fd, s->stored + slot->at, slot->len, g->off + skip,
				 &n, &ignored) != TRW_OK)
			n = 0;
		slot->len = n;
	}
}

/* Put the chunk of slot i into the group, or into a new one, the last then being read; or leave it out. */
static void
take(struct packed *s, struct group *g, const struct trw_ewf_place *p, size_t i)
{
	bool is_same = g->src == p->src;

	if (p->off > INT64_MAX - p->len || (is_same && p->off < g->off))
		return;
	if (!is_same || (p->off > g->end && p->off - g->end > GAP_MAX)) {
		size_t used = g->at + (size_t)(g->end - g->off);

		if (p->len > s->cap - used)
			return;
		read_group(s, g, i);
		*g = (struct group){p->src, p->off, p->off, used, i};
	}
	if (p->off + p->len > g->end) {
		if (p->off + p->len - g->off > s->cap - g->at)
			return;
		g->end = p->off + p->len;
	}
	s->slots[i] = (struct slot){g->at + (size_t)(p->off - g->off), p->len, true};
}

enum trw_status
trw_ewf_fetch(void *ctx, struct trw_image_span *span, struct trw_err *err)
{
	const struct trw_ewf *ewf = ctx;
	uint64_t first = span->off / ewf->chunk_size;
	struct group g = {0};
	enum trw_status st = prepare(ewf, span, err);
	struct packed *s = span->packed;

	if (st != TRW_OK)
		return st;
	for (size_t i = 0; i < s->n; i++) {
		struct trw_ewf_place p;

		if (trw_ewf_place_find(ewf, first + i, &p))
			take(s, &g, &p, i);
	}
	read_group(s, &g, s->n);
	return TRW_OK;
}

/* The stored bytes of a chunk that was not fetched; *got 0: they cannot be read. */
static enum trw_status
read_one(struct packed *s, const struct trw_ewf *ewf, const struct trw_ewf_place *p, size_t *got,
	struct trw_err *err)
{
	struct trw_err ignored = {0};

	s->one = room_for(s->one, &s->one_cap, trw_ewf_stored_max(ewf->chunk_size), 1, err);
	if (s->one == NULL)
		return TRW_ENOMEM;
	if (trw_pread_full(p->src->fd, s->one, p->len, p->off, got, &ignored) != TRW_OK)
		*got = 0;
	return TRW_OK;
}

/* The media bytes of the stretch's chunk i to out, which has room for just these. */
static enum trw_status
unpack_chunk(const struct trw_ewf *ewf, struct packed *s, uint64_t chunk, size_t i, uint8_t *out,
	enum trw_ewf_state *state, struct trw_err *err)
{
	size_t len = trw_ewf_chunk_len(ewf, chunk), got = 0;
	bool is_fetched = i < s->n && s->slots[i].is_fetched;
	const uint8_t *stored;
	struct trw_ewf_place p;

	*state = TRW_EWF_ABSENT;
	if (!trw_ewf_place_find(ewf, chunk, &p))
		return TRW_OK;
	if (is_fetched) {
		stored = s->stored + s->slots[i].at;
		got = s->slots[i].len;
	} else {
		if (read_one(s, ewf, &p, &got, err) != TRW_OK)
			return TRW_ENOMEM;
		stored = s->one;
	}
	if (len == ewf->chunk_size) {
		*state = trw_ewf_decode(ewf, &p, stored, got, s->inflater, out);
		return TRW_OK;
	}
	s->plain = room_for(s->plain, &s->plain_cap, ewf->chunk_size, 1, err);
	if (s->plain == NULL)
		return TRW_ENOMEM;
	*state = trw_ewf_decode(ewf, &p, stored, got, s->inflater, s->plain);
	if (*state == TRW_EWF_GOOD)
		memcpy(out, s->plain, len);
	return TRW_OK;
}

enum trw_status
trw_ewf_unpack(void *ctx, struct trw_image_span *span, uint8_t *buf, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct trw_ewf *ewf = ctx;
	uint64_t first = span->off / ewf->chunk_size;
	size_t n = count_chunks(ewf, span);
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < n && st == TRW_OK; i++) {
		uint8_t *out = buf + i * ewf->chunk_size;
		size_t len = trw_ewf_chunk_len(ewf, first + i);
		enum trw_ewf_state state;

		st = unpack_chunk(ewf, span->packed, first + i, i, out, &state, err);
		if (st != TRW_OK || state == TRW_EWF_GOOD)
			continue;
		memset(out, 0, len);
		st = trw_ewf_damage_add(state, (first + i) * ewf->chunk_size, len, damage, err);
	}
	return st;
}

void
trw_ewf_ahead(void *ctx, uint64_t off, uint64_t len)
{
	const struct trw_ewf *ewf = ctx;
	uint64_t first = off / ewf->chunk_size, last = (off + len - 1) / ewf->chunk_size;

	for (size_t i = trw_ewf_run_find(ewf, first); i < ewf->n_runs; i++) {
		const struct trw_ewf_run *run = &ewf->runs[i];
		uint64_t end = run->first + run->n - 1;
		struct trw_ewf_place a, b;

		if (run->first > last)
			break;
		if (first < run->first)
			first = run->first;
		if (end > last)
			end = last;
		if (!trw_ewf_place_find(ewf, first, &a) || !trw_ewf_place_find(ewf, end, &b) ||
			b.off < a.off ||
			b.off - a.off > (end - first) * trw_ewf_stored_max(ewf->chunk_size))
			continue; /* not one ascending run of chunks */
		trw_source_ahead(a.src, a.off, b.off + b.len - a.off);
	}
}
