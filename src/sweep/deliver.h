/* SPDX-License-Identifier: Apache-2.0 */
/** Hands a window out: its pieces to the open streams, in the order of the image. */
#pragma once

#include "sweep/checkpoint.h"
#include "sweep/open.h"

/**
 * The job: one window at a time, in the order of their numbers, each after all of its bytes are there. Its whole
 * streams are queued by trw_window_delivered, which is still to be called. Errors: TRW_ENOMEM, of a checkpoint.
 */
TRW_NODISCARD enum trw_status trw_deliver(struct trw_opens *os, struct trw_checkpoint *checkpoint,
	struct trw_window *w, unsigned hasher, struct trw_err *err);
