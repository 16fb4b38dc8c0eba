/* SPDX-License-Identifier: Apache-2.0 */
/** The walker: the thread that asks workers for an image's volumes and file systems. */
#pragma once

#include "index/pass.h"

struct trw_walker;

/** Start the thread. It closes the pass's task queue when it ends; its error goes to the latch. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_walker_start(
	struct trw_pass *pass, struct trw_walker **out, struct trw_err *err);

/** Wait until it has posted everything; free. NULL is fine. */
void trw_walker_join(struct trw_walker *w);
