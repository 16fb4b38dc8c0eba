/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces come from the plan in the order of the image. One that ends inside the window and is its stream's whole
 * content becomes a file of the window; so does a stream whose every piece lies in it. All others become parts of
 * open streams; what of a piece lies behind the window is carried to the next one.
 *
 * Where the image itself is digested the windows follow each other without a gap; else they begin where the next
 * piece does, and end where pieces are far between. All of them end at the lines of one grid at the latest: so a
 * run that was resumed has read, in all, what an uninterrupted one reads, and met the same damage.
 */
#include "sweep/planner.h"

#include "base/alloc.h"

#include <stdlib.h>

#define BUCKET_BITS 16
#define BUCKETS ((size_t)1 << BUCKET_BITS)
#define GAP ((uint64_t)256 << 10) /* bytes that are cheaper to read than to leave out */
#define FLAT_UNIT 4096            /* bytes: windows of flat images begin at multiples of it */

/* A stream of which more pieces are to come. */
struct slot {
	struct slot *next;
	uint64_t stream;       /* as in its pieces */
	uint64_t left;         /* bytes of its pieces that have not been planned */
	struct trw_open *open; /* NULL: gathered, or put off */
};

/* The rest of a piece that the last window ended in. */
struct carry {
	uint64_t off, len, at;
	struct slot *slot;
};

struct trw_planner {
	/* immutable after new */
	struct trw_planner_spec spec; /* what it points to is borrowed */
	uint64_t unit, size;          /* bytes */
	uint64_t all_from;            /* from here on every byte is wanted */
	/* owner: reader */
	uint64_t end;          /* of the last window */
	struct carry *carries; /* owned; all of them begin at end */
	size_t n_carries, cap_carries;
	struct carry *spare; /* owned: the array for the next window's */
	size_t cap_spare;
	struct slot *buckets[BUCKETS];
};

enum trw_status
trw_planner_new(const struct trw_planner_spec *spec, const struct trw_image_info *info,
	struct trw_planner **out, struct trw_err *err)
{
	struct trw_planner *p = trw_alloc(1, sizeof(*p), err);

	if (p == NULL)
		return TRW_ENOMEM;
	p->spec = *spec;
	p->unit = info->chunk_size > 0 ? info->chunk_size : FLAT_UNIT;
	p->size = info->size;
	p->all_from = UINT64_MAX;
	if (spec->media->n > 0)
		p->all_from = trw_sweep_media_off(spec->media) / p->unit * p->unit;
	*out = p;
	return TRW_OK;
}

void
trw_planner_free(struct trw_planner *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (p->buckets[i] != NULL) {
			struct slot *slot = p->buckets[i];
			p->buckets[i] = slot->next;
			free(slot);
		}
	}
	free(p->carries);
	free(p->spare);
	free(p);
}

static struct slot **
bucket(struct trw_planner *p, uint64_t stream)
{
	return &p->buckets[(stream * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - BUCKET_BITS)];
}

static struct slot *
slot_find(struct trw_planner *p, uint64_t stream)
{
	struct slot *slot = *bucket(p, stream);

	while (slot != NULL && slot->stream != stream)
		slot = slot->next;
	return slot;
}

static enum trw_status
slot_add(struct trw_planner *p, uint64_t stream, uint64_t left, struct trw_open *open,
	struct slot **out, struct trw_err *err)
{
	struct slot *slot = trw_alloc(1, sizeof(*slot), err), **head = bucket(p, stream);

	if (slot == NULL)
		return TRW_ENOMEM;
	*slot = (struct slot){*head, stream, left, open};
	*head = slot;
	*out = slot;
	return TRW_OK;
}

/* len bytes of its pieces have been planned; after the last the slot goes. */
static void
slot_use(struct trw_planner *p, struct slot *slot, uint64_t len)
{
	struct slot **at = bucket(p, slot->stream);

	slot->left -= len < slot->left ? len : slot->left;
	if (slot->left > 0)
		return;
	while (*at != slot)
		at = &(*at)->next;
	*at = slot->next;
	free(slot);
}

static enum trw_status
add_file(struct trw_window *w, const struct trw_window_file *file, struct trw_err *err)
{
	void *v = trw_grow(w->files, w->n_files, &w->cap_files, sizeof(*w->files), SIZE_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	w->files = v;
	w->files[w->n_files++] = *file;
	return TRW_OK;
}

static enum trw_status
add_part(struct trw_window *w, const struct trw_window_part *part, struct trw_err *err)
{
	void *v = trw_grow(w->parts, w->n_parts, &w->cap_parts, sizeof(*w->parts), SIZE_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	w->parts = v;
	w->parts[w->n_parts++] = *part;
	return TRW_OK;
}

static bool
is_full(const struct trw_planner *p, const struct trw_window *w)
{
	return w->n_files + w->n_parts >= p->spec.entries;
}

static enum trw_status
add_carry(struct trw_planner *p, const struct carry *c, struct trw_err *err)
{
	void *v = trw_grow(
		p->carries, p->n_carries, &p->cap_carries, sizeof(*p->carries), SIZE_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	p->carries = v;
	p->carries[p->n_carries++] = *c;
	return TRW_OK;
}

/* No more parts of an open stream: delivery puts it off when it comes to the mark, if it has not before. */
static enum trw_status
drop(struct trw_window *w, struct slot *slot, struct trw_err *err)
{
	struct trw_window_part mark = {.open = slot->open};
	enum trw_status st = add_part(w, &mark, err);

	if (st == TRW_OK)
		slot->open = NULL;
	return st;
}

/* What of [off, off + len) lies before `until` becomes a part, the rest is carried. */
static enum trw_status
plan_part(struct trw_planner *p, struct trw_window *w, uint64_t until, struct carry c,
	struct trw_err *err)
{
	uint64_t n = c.len < until - c.off ? c.len : until - c.off;
	enum trw_status st = TRW_OK;

	if (c.slot->open != NULL && is_full(p, w))
		st = drop(w, c.slot, err);
	if (st < 0)
		return st;
	if (c.slot->open == NULL) { /* gathered or put off */
		w->piece_bytes += c.len;
		slot_use(p, c.slot, c.len);
		return TRW_OK;
	}
	struct trw_window_part part = {c.slot->open, c.at, (size_t)(c.off - w->off), (size_t)n};
	st = add_part(w, &part, err);
	if (st == TRW_OK && n < c.len) {
		struct carry rest = {c.off + n, c.len - n, c.at + n, c.slot};
		st = add_carry(p, &rest, err);
	}
	w->piece_bytes += n;
	if (st == TRW_OK)
		slot_use(p, c.slot, n);
	return st;
}

/* Sum and bounds of what a stream has in the image. */
static uint64_t
data_bounds(const struct trw_plan_stream *stream, uint64_t image_size, uint64_t *lo, uint64_t *hi)
{
	struct trw_spans l = {&stream->extents, stream->size, image_size, 0, 0, 0};
	struct trw_span span;
	uint64_t sum = 0;

	*lo = UINT64_MAX;
	*hi = 0;
	while (trw_spans_next(&l, &span)) {
		if (span.kind != TRW_SPAN_DATA)
			continue;
		sum += span.len;
		*lo = span.off < *lo ? span.off : *lo;
		*hi = span.off + span.len > *hi ? span.off + span.len : *hi;
	}
	return sum;
}

/* For one more stream; NULL: the piece is all of it. */
static bool
has_room(const struct trw_planner *p, const struct trw_window *w,
	const struct trw_plan_piece *piece, const struct trw_plan_stream *stream, bool is_gathered)
{
	uint64_t size = stream != NULL ? stream->size : piece->len;
	size_t n_extents = stream != NULL ? stream->extents.n : 0;

	return !is_full(p, w) &&
	       trw_opens_has_room(
		       p->spec.opens, trw_opens_cost(p->spec.opens, size, n_extents, is_gathered));
}

/* A stream that reaches past the window: open it, or put it off where there is no room. */
static enum trw_status
open_stream(struct trw_planner *p, struct trw_window *w, const struct trw_plan_piece *piece,
	struct trw_plan_stream *stream, int64_t id, uint64_t left, struct slot **out,
	struct trw_err *err)
{
	struct trw_open *open = NULL;
	enum trw_status st = TRW_OK;

	if (!has_room(p, w, piece, stream, false))
		st = trw_plan_put_off_piece(p->spec.plan, piece, err);
	else
		st = trw_open_new(p->spec.opens, piece, stream, id, left, false, &open, err);
	return st == TRW_OK ? slot_add(p, piece->stream, left, open, out, err) : st;
}

/* The first piece of a stream with several, or with holes. A stream that is gathered needs its last one, too. */
static enum trw_status
first_piece(struct trw_planner *p, struct trw_window *w, uint64_t until,
	const struct trw_plan_piece *piece, uint64_t *needed, struct slot **out,
	struct trw_err *err)
{
	struct trw_plan_stream stream = {0};
	struct trw_open *open = NULL;
	uint64_t lo, hi;
	enum trw_status st = trw_plan_get(p->spec.plan, piece, &stream, err);

	if (st < 0)
		return st;
	uint64_t left = data_bounds(&stream, p->size, &lo, &hi);
	if (lo >= w->off && hi <= until && has_room(p, w, piece, &stream, true)) {
		*needed = hi > *needed ? hi : *needed;
		st = trw_open_new(p->spec.opens, piece, &stream, stream.id, left, true, &open, err);
		struct trw_window_file file = {stream.id, 0, 0, open};
		if (st == TRW_OK)
			st = add_file(w, &file, err);
		if (st == TRW_OK)
			st = slot_add(p, piece->stream, left, NULL, out, err);
	} else {
		st = open_stream(p, w, piece, &stream, stream.id, left, out, err);
	}
	trw_extents_clear(&stream.extents);
	return st;
}

static enum trw_status
plan_piece(struct trw_planner *p, struct trw_window *w, uint64_t until,
	const struct trw_plan_piece *piece, uint64_t *needed, struct trw_err *err)
{
	int64_t id = 0;
	bool is_whole = trw_plan_is_whole(piece, &id);
	bool fits = piece->len <= until - piece->off;
	struct slot *slot = NULL;
	enum trw_status st = TRW_OK;

	if (is_whole && fits) {
		struct trw_window_file file = {
			id, (size_t)(piece->off - w->off), (size_t)piece->len, NULL};
		w->piece_bytes += piece->len;
		return is_full(p, w) ? trw_plan_put_off_piece(p->spec.plan, piece, err)
				     : add_file(w, &file, err);
	}
	slot = is_whole ? NULL : slot_find(p, piece->stream);
	if (is_whole)
		st = open_stream(p, w, piece, NULL, id, piece->len, &slot, err);
	else if (slot == NULL)
		st = first_piece(p, w, until, piece, needed, &slot, err);
	if (st < 0)
		return st;
	struct carry c = {piece->off, piece->len, piece->at, slot};
	return plan_part(p, w, until, c, err);
}

enum trw_status
trw_planner_note_off(struct trw_planner *p, struct trw_err *err)
{
	struct trw_plan_piece *off;
	size_t n = trw_opens_take_off(p->spec.opens, &off);
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = trw_plan_put_off_piece(p->spec.plan, &off[i], err);
	free(off);
	return st;
}

/* Where the next window begins; TRW_END: nothing is left that anybody wants. */
static enum trw_status
begin_window(struct trw_planner *p, struct trw_window *w, uint64_t *until, struct trw_err *err)
{
	struct trw_plan *plan = p->spec.plan;
	const struct trw_plan_piece *piece = plan != NULL ? trw_plan_peek(plan) : NULL;
	uint64_t off = p->end;

	if (plan != NULL && piece == NULL) { /* at its end, or failed */
		struct trw_plan_piece none;
		enum trw_status st = trw_plan_next(plan, &none, err);
		if (st < 0)
			return st;
	}
	if (off < p->all_from && p->n_carries == 0) {
		off = piece != NULL ? piece->off / p->unit * p->unit : p->all_from;
		off = off < p->all_from ? off : p->all_from;
	}
	if (off >= p->size)
		return TRW_END;
	w->off = off;
	*until = (off / p->spec.window_size + 1) * p->spec.window_size;
	*until = *until < p->size ? *until : p->size;
	if (p->all_from > off && p->all_from < *until)
		*until = p->all_from;
	return TRW_OK;
}

/* All carries begin where the window does; what they leave over goes to the other array. */
static enum trw_status
plan_carries(struct trw_planner *p, struct trw_window *w, uint64_t until, struct trw_err *err)
{
	struct carry *v = p->carries;
	size_t n = p->n_carries, cap = p->cap_carries;
	enum trw_status st = TRW_OK;

	p->carries = p->spare;
	p->cap_carries = p->cap_spare;
	p->n_carries = 0;
	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = plan_part(p, w, until, v[i], err);
	p->spare = v;
	p->cap_spare = cap;
	return st;
}

static uint64_t
round_up(const struct trw_planner *p, uint64_t off)
{
	return (off + p->unit - 1) / p->unit * p->unit;
}

/* *needed: the end of what anybody wants of the window so far. */
static enum trw_status
plan_pieces(struct trw_planner *p, struct trw_window *w, uint64_t until, uint64_t *needed,
	struct trw_err *err)
{
	struct trw_plan *plan = p->spec.plan;
	const struct trw_plan_piece *next;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && plan != NULL && (next = trw_plan_peek(plan)) != NULL &&
		next->off < until) {
		struct trw_plan_piece piece = *next;
		uint64_t end = piece.len < until - piece.off ? piece.off + piece.len : until;
		if (w->off < p->all_from && piece.off > round_up(p, *needed) + GAP)
			break;
		st = trw_plan_next(plan, &piece, err);
		if (st == TRW_OK)
			st = plan_piece(p, w, until, &piece, needed, err);
		*needed = end > *needed ? end : *needed;
	}
	return st;
}

enum trw_status
trw_planner_window(struct trw_planner *p, struct trw_window *w, struct trw_err *err)
{
	uint64_t until = 0, needed;
	enum trw_status st = trw_planner_note_off(p, err);

	if (st == TRW_OK)
		st = begin_window(p, w, &until, err);
	if (st != TRW_OK)
		return st;
	needed = w->off + 1;
	for (size_t i = 0; i < p->n_carries; i++) {
		uint64_t end = p->carries[i].off + p->carries[i].len;
		end = end < until ? end : until;
		needed = end > needed ? end : needed;
	}
	st = plan_carries(p, w, until, err);
	if (st == TRW_OK)
		st = plan_pieces(p, w, until, &needed, err);
	if (w->off < p->all_from) {
		needed = round_up(p, needed);
		until = needed < until ? needed : until;
	}
	w->len = (size_t)(until - w->off);
	p->end = until;
	return st;
}
