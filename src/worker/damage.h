/* SPDX-License-Identifier: Apache-2.0 */
/** Damaged ranges inside a frame's payload: u32 count, then u64 off, u64 len, u8 enum trw_damage each. */
#pragma once

#include "base/buf.h"
#include "base/range.h"

/** Append. Errors: TRW_ENOMEM, TRW_ELIMIT. */
TRW_NODISCARD enum trw_status trw_damage_encode(
	const struct trw_ranges *ranges, struct trw_buf *b, struct trw_err *err);

/** Read and add to *out. Errors: TRW_ECORRUPT (too short, an unknown reason, past 63 bits), TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_damage_decode(
	struct trw_cur *c, struct trw_ranges *out, struct trw_err *err);
