/* SPDX-License-Identifier: Apache-2.0 */
/** Damaged ranges at the end of a frame's payload: u32 count, then u64 off, u64 len, u8 enum trw_damage each. */
#pragma once

#include "base/buf.h"
#include "base/range.h"

/** Append. Errors: TRW_ENOMEM, TRW_ELIMIT. */
TRW_NODISCARD enum trw_status trw_damage_encode(
	const struct trw_ranges *ranges, struct trw_buf *b, struct trw_err *err);

/**
 * Read all that is left of *c and add it to *out. Errors: TRW_ECORRUPT (too short or too long, an unknown reason,
 * a range that leaves [off, off + len)), TRW_ENOMEM; what came before the fault may then be in *out.
 */
TRW_NODISCARD enum trw_status trw_damage_decode(
	struct trw_cur *c, uint64_t off, uint64_t len, struct trw_ranges *out, struct trw_err *err);
