/* SPDX-License-Identifier: Apache-2.0 */
/** Memory that is taken piece by piece and freed as a whole. */
#pragma once

#include "base/status.h"

/** All-zero is the empty arena. One owner. */
struct trw_arena {
	struct trw_arena_block *blocks; /* owned; the first is the one that is filled */
	size_t bytes;                   /* of all blocks */
};

/** n bytes (0: any pointer but NULL), aligned for any type, until the arena is cleared. NULL with err filled: TRW_ENOMEM. */
TRW_NODISCARD void *trw_arena_take(struct trw_arena *arena, size_t n, struct trw_err *err);
/** The same with a copy of n bytes and a NUL behind them. */
TRW_NODISCARD void *trw_arena_copy(
	struct trw_arena *arena, const void *p, size_t n, struct trw_err *err);
void trw_arena_clear(struct trw_arena *arena); /* frees; arena is then empty */
