/* SPDX-License-Identifier: Apache-2.0 */
/** The classic Unix block map: 12 direct pointers and three trees of pointers (ext2, ext3, UFS). */
#pragma once

#include "walk/layout.h"

#define TRW_BLOCKMAP_POINTERS 15 /* 12 direct, single, double, triple indirect */

struct trw_blockmap {
	uint32_t block_size;   /* bytes that a pointer maps, and of a block of pointers */
	uint32_t unit;         /* bytes that pointers count in: a block, or a fragment in UFS */
	uint64_t first, end;   /* valid pointers lie in [first, end), in units; 0 is a hole */
	uint32_t pointer_size; /* 4 or 8 bytes */
	bool is_big_endian;
};

/**
 * Append to l, up to its size, what the TRW_BLOCKMAP_POINTERS pointers at `pointers` map. Cost is bounded by
 * the budgets of l. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_blockmap_read(const struct trw_blockmap *map,
	const struct trw_view *bytes, const uint8_t *pointers, struct trw_layout *l,
	struct trw_err *err);
