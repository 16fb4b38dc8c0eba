/* SPDX-License-Identifier: Apache-2.0 */
/** The hashers: N threads that take digest tasks and post a content row for each. */
#pragma once

#include "index/pass.h"

struct trw_hashers;

/** Start n threads on the pass's queue. Their first error goes to the latch. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_hashers_start(
	const struct trw_pass *pass, unsigned n, struct trw_hashers **out, struct trw_err *err);

/** Wait until the queue is closed and empty and all rows are with the writer; free. NULL is fine. */
void trw_hashers_join(struct trw_hashers *h);
