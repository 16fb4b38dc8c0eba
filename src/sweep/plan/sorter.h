/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Pieces of a plan in the order of (off, stream, at, len), however many there are: sorted in memory, and past a
 * limit in sorted runs of a temporary file that are merged as they are taken. Threads: one owner at a time.
 */
#pragma once

#include "sweep/plan/stream.h"

struct trw_sorter;

/**
 * memory: bytes that it may hold (at least TRW_SORTER_MEMORY_MIN is taken for granted), none of which is taken
 * before it is needed; folder: for temporary files, borrowed until free. Errors: TRW_ENOMEM.
 */
#define TRW_SORTER_MEMORY_MIN ((uint64_t)64 << 10)
TRW_NODISCARD enum trw_status trw_sorter_new(
	uint64_t memory, const char *folder, struct trw_sorter **out, struct trw_err *err);
void trw_sorter_free(struct trw_sorter *s); /* NULL is fine */

/** Add a piece; not after trw_sorter_seal. Errors: TRW_ENOMEM, TRW_EIO; s is then good for nothing but free. */
TRW_NODISCARD enum trw_status trw_sorter_put(
	struct trw_sorter *s, const struct trw_plan_piece *piece, struct trw_err *err);

/** No more puts. Errors: as trw_sorter_put. */
TRW_NODISCARD enum trw_status trw_sorter_seal(struct trw_sorter *s, struct trw_err *err);

/** Take the least piece, after trw_sorter_seal. TRW_END after the last. Errors: TRW_EIO, as trw_sorter_put. */
TRW_NODISCARD enum trw_status trw_sorter_next(
	struct trw_sorter *s, struct trw_plan_piece *out, struct trw_err *err);

/** Bytes that it holds from here on at most. */
uint64_t trw_sorter_memory(const struct trw_sorter *s);

/** Sort n pieces in place, in the order above. O(n) when they are in order. */
void trw_pieces_sort(struct trw_plan_piece *v, size_t n);
/** Below, at or above 0, in the order above. */
int trw_pieces_compare(const struct trw_plan_piece *a, const struct trw_plan_piece *b);
