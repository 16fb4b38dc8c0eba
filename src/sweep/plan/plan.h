/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The plan of a sweep: the pieces of all streams in the order of the image, however many there are. Pieces are
 * records of fixed size that are sorted in memory and, past a limit, in sorted runs of a temporary file that
 * has no name; what else a stream needs lies in a spool of the same kind.
 *
 * Threads: one owner at a time.
 */
#pragma once

#include "sweep/plan/stream.h"

struct trw_plan;

/**
 * An empty plan. memory: bytes it may hold, of which none is taken before it is needed. folder: where
 * temporary files go when that is not enough (borrowed until free). Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_plan_new(
	uint64_t memory, const char *folder, struct trw_plan **out, struct trw_err *err);
void trw_plan_free(struct trw_plan *plan); /* NULL is fine */

/**
 * Add a stream whose content is its extents, cut to its size: a piece for each DATA extent, clipped to image_size.
 * trw_plan_get gives them cut as well. A stream without a piece inside the image is put off (trw_plan_put_off).
 * Errors: TRW_ENOMEM, TRW_EIO (temporary file: names it and says what to do).
 */
TRW_NODISCARD enum trw_status trw_plan_add(struct trw_plan *plan,
	const struct trw_plan_stream *stream, uint64_t image_size, struct trw_err *err);

/** Put a stream off: it comes by trw_plan_next_off, in the order of `off`, then of its id. Before and after trw_plan_seal. */
TRW_NODISCARD enum trw_status trw_plan_put_off(struct trw_plan *plan, uint64_t off,
	const struct trw_plan_stream *stream, struct trw_err *err);
/** The same for a stream of the plan, by one of its pieces. */
TRW_NODISCARD enum trw_status trw_plan_put_off_piece(
	struct trw_plan *plan, const struct trw_plan_piece *piece, struct trw_err *err);

struct trw_plan_totals {
	uint64_t n_streams, n_pieces; /* to sweep */
	uint64_t piece_bytes;         /* sum of their len */
	uint64_t n_off, off_bytes;    /* put off so far: streams, and the sum of their sizes */
};
struct trw_plan_totals trw_plan_totals(const struct trw_plan *plan);

/** No more adds; pieces come from here on, from the first. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_plan_seal(struct trw_plan *plan, struct trw_err *err);

/** Bytes that it holds from here on at most: after trw_plan_seal often far less than it was allowed. */
uint64_t trw_plan_memory(const struct trw_plan *plan);

/** The next piece in the order of (off, stream, at). TRW_END after the last. Errors: TRW_EIO. */
TRW_NODISCARD enum trw_status trw_plan_next(
	struct trw_plan *plan, struct trw_plan_piece *out, struct trw_err *err);
/** The same without taking it: NULL at the end. Borrowed until the next call. Errors end trw_plan_next. */
const struct trw_plan_piece *trw_plan_peek(const struct trw_plan *plan);

/**
 * True when the piece is its stream's whole content: one DATA extent from 0 to its size, no extra. *id is then the
 * stream's id and its size is piece->len.
 */
bool trw_plan_is_whole(const struct trw_plan_piece *piece, int64_t *id);

/** Load the stream that a piece belongs to; *out is the caller's: clear its extents. out->extra is borrowed until the next call. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_plan_get(struct trw_plan *plan,
	const struct trw_plan_piece *piece, struct trw_plan_stream *out, struct trw_err *err);

/** After the last trw_plan_next: the next stream that was put off, in order; as trw_plan_get. TRW_END after the last. */
TRW_NODISCARD enum trw_status trw_plan_next_off(
	struct trw_plan *plan, struct trw_plan_stream *out, struct trw_err *err);
