/* SPDX-License-Identifier: Apache-2.0 */
/** The twin that tests read from. */
#pragma once

#include "image/opening/opening.h"

/** bytes are borrowed, damage (may be NULL) is copied. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_memory_open(const uint8_t *bytes, size_t size,
	const struct trw_ranges *damage, struct trw_opening *o, struct trw_err *err);
