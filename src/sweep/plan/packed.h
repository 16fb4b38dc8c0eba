/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Streams of a plan, packed into a spool: as the numbers and bytes of walk/wire.h the id, the size, the caller's
 * extra bytes, the number of extents, and of each extent its kind, its length and, for DATA, the way from the end
 * of the DATA extent before it. A stream is written and read in parts, so that a long list of extents takes no
 * memory beside the list itself. Threads: one owner at a time.
 */
#pragma once

#include "base/spool.h"
#include "sweep/plan/stream.h"

/** All-zero but for the spool is a store that holds nothing. */
struct trw_packed {
	struct trw_spool spool;
	struct trw_buf part;               /* packed bytes that wait for the spool */
	uint8_t extra[TRW_PLAN_EXTRA_MAX]; /* of the stream that was read last */
};

void trw_packed_clear(struct trw_packed *p);

/**
 * Append a stream; *at is where it lies. Errors: TRW_ENOMEM, TRW_EIO (trw_spool_put), TRW_ELIMIT (extra); the
 * store is then good for nothing but clear.
 */
TRW_NODISCARD enum trw_status trw_packed_put(struct trw_packed *p,
	const struct trw_plan_stream *stream, uint64_t *at, struct trw_err *err);

/**
 * Read the stream that lies at `at` into *out, whose extents are empty and then the caller's to clear; out->extra
 * is borrowed until the next call. Errors: TRW_ENOMEM, TRW_EIO; the extents are then empty.
 */
TRW_NODISCARD enum trw_status trw_packed_get(
	struct trw_packed *p, uint64_t at, struct trw_plan_stream *out, struct trw_err *err);

/** The same without the extents. */
TRW_NODISCARD enum trw_status trw_packed_head(
	struct trw_packed *p, uint64_t at, struct trw_plan_stream *out, struct trw_err *err);
