/* SPDX-License-Identifier: Apache-2.0 */
/** A root whose bytes lie in memory: what tests read from. */
#pragma once

#include "view/view.h"

/** Borrowed by the view. */
struct trw_view_bytes {
	const uint8_t *v;
	struct trw_ranges damage; /* bytes in it read as zeros, and are reported */
};

struct trw_view trw_view_memory(struct trw_view_bytes *bytes, uint64_t size);
