/* SPDX-License-Identifier: Apache-2.0 */
/** The one global: "the user wants the run to end". Set from a signal handler, read by every loop. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

extern atomic_bool trw_cancelled;

static inline bool
trw_is_cancelled(void)
{
	return atomic_load_explicit(&trw_cancelled, memory_order_relaxed);
}
