/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three stores share the memory: the sorter of the pieces, the sorter of the streams that were put off, and the
 * spool of the streams that a piece alone does not describe.
 *
 * Most streams of most images are one extent, and then the piece is all there is to know: its `stream` is the id with
 * the top bit set. Any other stream is written to the spool once (packed.h), and `stream` is where it lies.
 *
 * A stream that was put off is a piece in the second sorter: `off` as asked for, `stream` the id, moved so that
 * ids sort as unsigned numbers, `len` the size, `at` where it lies in the spool, or AT_NONE when it is one extent
 * from off to off + len.
 */
#include "sweep/plan/plan.h"

#include "base/alloc.h"
#include "sweep/plan/packed.h"
#include "sweep/plan/shares.h"
#include "sweep/plan/pieces.h"

#include <stdlib.h>

#define WHOLE ((uint64_t)1 << 63) /* tag of trw_plan_piece.stream */
#define SIGN ((uint64_t)1 << 63)
#define AT_NONE UINT64_MAX

enum phase { ADDING = 0, SEALED, OFF_SEALED };

struct trw_plan {
	enum phase phase;
	struct trw_extsort *pieces, *off; /* owned */
	struct trw_packed packed;
	struct trw_plan_totals totals;
	struct trw_plan_piece next; /* SEALED: what trw_plan_next gives, when has_next */
	bool has_next;
	struct trw_err failed; /* the first failure; every call from then on returns it */
};

/* Failures stay: what a store lost on its way must not be missed by one who asks again. */
static enum trw_status
end_call(const struct trw_plan *plan, enum trw_status status, struct trw_err *err)
{
	if (plan->failed.status == TRW_OK)
		return status;
	if (err != NULL)
		*err = plan->failed;
	return plan->failed.status;
}

enum trw_status
trw_plan_new(uint64_t memory, const char *folder, struct trw_plan **out, struct trw_err *err)
{
	struct trw_plan *plan = trw_alloc(1, sizeof(*plan), err);

	if (plan == NULL)
		return TRW_ENOMEM;
	plan->packed.spool = trw_spool_begin(TRW_SHARE_PLAN_SPOOL(memory), folder);
	if (trw_pieces_new(TRW_SHARE_PLAN_PIECES(memory), folder, &plan->pieces, err) < 0 ||
		trw_pieces_new(TRW_SHARE_PLAN_OFF(memory), folder, &plan->off, err) < 0) {
		trw_plan_free(plan);
		return TRW_ENOMEM;
	}
	*out = plan;
	return TRW_OK;
}

void
trw_plan_free(struct trw_plan *plan)
{
	if (plan == NULL)
		return;
	trw_extsort_free(plan->pieces);
	trw_extsort_free(plan->off);
	trw_packed_clear(&plan->packed);
	free(plan);
}

struct trw_plan_totals
trw_plan_totals(const struct trw_plan *plan)
{
	return plan->totals;
}

/* Sizes are what evidence says: a sum may pass 64 bits. */
static void
add_up(uint64_t *sum, uint64_t v)
{
	*sum = v > UINT64_MAX - *sum ? UINT64_MAX : *sum + v;
}

/* One DATA extent is all there is to say of the stream. */
static bool
is_one_extent(const struct trw_plan_stream *stream)
{
	return stream->extents.n == 1 && stream->extents.v[0].kind == TRW_EXTENT_DATA &&
	       stream->extents.v[0].len == stream->size && stream->n_extra == 0 && stream->id >= 0;
}

/* A stream that is [off, off + len) of the image. */
static enum trw_status
load_one_extent(
	struct trw_plan *plan, int64_t id, uint64_t off, uint64_t len, struct trw_plan_stream *out)
{
	out->id = id;
	out->size = len;
	return trw_extents_add(&out->extents, TRW_EXTENT_DATA, off, len, &plan->failed);
}

static enum trw_status
put_off(struct trw_plan *plan, uint64_t off, int64_t id, uint64_t size, uint64_t at)
{
	struct trw_plan_piece p = {
		.off = off, .len = size, .at = at, .stream = (uint64_t)id ^ SIGN};
	enum trw_status status;

	if (plan->phase == OFF_SEALED)
		return trw_fail(
			&plan->failed, TRW_EUSAGE, "a stream is put off after the first was taken");
	status = trw_pieces_put(plan->off, &p, &plan->failed);
	if (status < 0)
		return status;
	plan->totals.n_off++;
	add_up(&plan->totals.off_bytes, size);
	return TRW_OK;
}

enum trw_status
trw_plan_put_off(struct trw_plan *plan, uint64_t off, const struct trw_plan_stream *stream,
	struct trw_err *err)
{
	bool is_short = is_one_extent(stream) && stream->extents.v[0].off == off;
	enum trw_status status = plan->failed.status;
	uint64_t at = AT_NONE;

	if (status == TRW_OK && !is_short)
		status = trw_packed_put(&plan->packed, stream, &at, &plan->failed);
	if (status == TRW_OK)
		status = put_off(plan, off, stream->id, stream->size, at);
	return end_call(plan, status, err);
}

enum trw_status
trw_plan_put_off_piece(
	struct trw_plan *plan, const struct trw_plan_piece *piece, struct trw_err *err)
{
	struct trw_plan_stream stream = {.size = piece->len};
	enum trw_status status = plan->failed.status;
	uint64_t at = AT_NONE;

	if (status == TRW_OK && !trw_plan_is_whole(piece, &stream.id)) {
		at = piece->stream;
		status = trw_packed_head(&plan->packed, at, &stream, &plan->failed);
	}
	if (status == TRW_OK)
		status = put_off(plan, piece->off, stream.id, stream.size, at);
	return end_call(plan, status, err);
}

enum trw_status
trw_plan_next_off(struct trw_plan *plan, struct trw_plan_stream *out, struct trw_err *err)
{
	enum trw_status status = plan->failed.status;
	struct trw_plan_piece p;

	*out = (struct trw_plan_stream){0};
	if (status == TRW_OK && plan->phase != OFF_SEALED) {
		plan->phase = OFF_SEALED;
		status = trw_extsort_seal(plan->off, &plan->failed);
	}
	if (status == TRW_OK)
		status = trw_pieces_next(plan->off, &p, &plan->failed);
	if (status == TRW_OK && p.at == AT_NONE)
		status = load_one_extent(plan, (int64_t)(p.stream ^ SIGN), p.off, p.len, out);
	else if (status == TRW_OK)
		status = trw_packed_get(&plan->packed, p.at, out, &plan->failed);
	return end_call(plan, status, err);
}

/* An extent is a piece: neighbours in a list of extents never continue each other. */
static enum trw_status
add_pieces(
	struct trw_plan *plan, const struct trw_extents *xs, uint64_t image_size, uint64_t stream)
{
	uint64_t at = 0;

	for (size_t i = 0; i < xs->n; at += xs->v[i++].len) {
		const struct trw_extent *x = &xs->v[i];
		struct trw_plan_piece p = {
			.off = x->off, .len = x->len, .at = at, .stream = stream};
		enum trw_status status;

		if (x->kind != TRW_EXTENT_DATA || x->off >= image_size)
			continue;
		if (p.len > image_size - p.off)
			p.len = image_size - p.off;
		status = trw_pieces_put(plan->pieces, &p, &plan->failed);
		if (status < 0)
			return status;
		plan->totals.n_pieces++;
		add_up(&plan->totals.piece_bytes, p.len);
	}
	return TRW_OK;
}

static bool
has_piece(const struct trw_extents *xs, uint64_t image_size)
{
	for (size_t i = 0; i < xs->n; i++)
		if (xs->v[i].kind == TRW_EXTENT_DATA && xs->v[i].off < image_size)
			return true;
	return false;
}

static enum trw_status
add_stream(struct trw_plan *plan, const struct trw_plan_stream *stream, uint64_t image_size,
	struct trw_err *err)
{
	const struct trw_extents *xs = &stream->extents;
	enum trw_status status = plan->failed.status;
	uint64_t ref = (uint64_t)stream->id | WHOLE;

	if (status == TRW_OK && plan->phase != ADDING)
		status = trw_fail(
			&plan->failed, TRW_EUSAGE, "a stream is added to a plan that is sealed");
	if (status < 0)
		return end_call(plan, status, err);
	if (!has_piece(xs, image_size))
		return trw_plan_put_off(plan, image_size, stream, err);
	if (!is_one_extent(stream) || xs->v[0].len > image_size - xs->v[0].off)
		status = trw_packed_put(&plan->packed, stream, &ref, &plan->failed);
	if (status == TRW_OK)
		status = add_pieces(plan, xs, image_size, ref);
	if (status == TRW_OK)
		plan->totals.n_streams++;
	return end_call(plan, status, err);
}

enum trw_status
trw_plan_add(struct trw_plan *plan, const struct trw_plan_stream *stream, uint64_t image_size,
	struct trw_err *err)
{
	const struct trw_extents *xs = &stream->extents;
	struct trw_plan_stream cut = *stream;
	enum trw_status status = plan->failed.status;

	if (xs->total <= stream->size)
		return add_stream(plan, stream, image_size, err);
	cut.extents = (struct trw_extents){0};
	for (size_t i = 0; status == TRW_OK && i < xs->n && cut.extents.total < cut.size; i++)
		status = trw_extents_add(
			&cut.extents, xs->v[i].kind, xs->v[i].off, xs->v[i].len, &plan->failed);
	trw_extents_cut(&cut.extents, cut.size);
	status = status == TRW_OK ? add_stream(plan, &cut, image_size, err)
				  : end_call(plan, status, err);
	trw_extents_clear(&cut.extents);
	return status;
}

static enum trw_status
advance(struct trw_plan *plan)
{
	enum trw_status status = trw_pieces_next(plan->pieces, &plan->next, &plan->failed);

	plan->has_next = status == TRW_OK;
	return status;
}

enum trw_status
trw_plan_seal(struct trw_plan *plan, struct trw_err *err)
{
	enum trw_status status = plan->failed.status;

	if (status == TRW_OK && plan->phase != ADDING)
		status = trw_fail(&plan->failed, TRW_EUSAGE, "a plan is sealed twice");
	if (status == TRW_OK) {
		plan->phase = SEALED;
		status = trw_extsort_seal(plan->pieces, &plan->failed);
	}
	if (status == TRW_OK && advance(plan) < 0)
		status = plan->failed.status;
	return end_call(plan, status, err);
}

uint64_t
trw_plan_memory(const struct trw_plan *plan)
{
	const struct trw_spool *spool = &plan->packed.spool;
	bool is_adding = plan->phase == ADDING;

	return trw_extsort_memory(plan->pieces) + trw_extsort_memory(plan->off) +
	       (is_adding ? spool->head.max : spool->head.cap) + spool->tail.max;
}

enum trw_status
trw_plan_next(struct trw_plan *plan, struct trw_plan_piece *out, struct trw_err *err)
{
	enum trw_status status = plan->failed.status;

	if (status == TRW_OK && plan->phase == ADDING)
		status = trw_fail(&plan->failed, TRW_EUSAGE, "a plan is used before it is sealed");
	else if (status == TRW_OK && !plan->has_next)
		status = TRW_END;
	if (status != TRW_OK)
		return end_call(plan, status, err);
	*out = plan->next;
	/* The piece is good; what went wrong behind it is for the next call. */
	(void)advance(plan);
	return TRW_OK;
}

const struct trw_plan_piece *
trw_plan_peek(const struct trw_plan *plan)
{
	return plan->has_next ? &plan->next : NULL;
}

bool
trw_plan_is_whole(const struct trw_plan_piece *piece, int64_t *id)
{
	if ((piece->stream & WHOLE) == 0)
		return false;
	*id = (int64_t)(piece->stream & ~WHOLE);
	return true;
}

enum trw_status
trw_plan_get(struct trw_plan *plan, const struct trw_plan_piece *piece, struct trw_plan_stream *out,
	struct trw_err *err)
{
	enum trw_status status = plan->failed.status;
	int64_t id = 0;

	*out = (struct trw_plan_stream){0};
	if (status == TRW_OK && trw_plan_is_whole(piece, &id))
		status = load_one_extent(plan, id, piece->off, piece->len, out);
	else if (status == TRW_OK)
		status = trw_packed_get(&plan->packed, piece->stream, out, &plan->failed);
	return end_call(plan, status, err);
}
