/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The walker's way out: rows go to the writer, streams to the plan of the sweep; a stream whose bytes the walk
 * itself has, or that has none, is digested on the spot.
 */
#pragma once

#include "index/content/allowance.h"
#include "index/write/outbox.h"
#include "index/pass/pass.h"
#include "index/content/task.h"

/** Owner: the walker thread. */
struct trw_feed {
	struct trw_pass *pass;
	struct trw_outbox outbox;
	struct trw_allowance spent;
};

/**
 * Post the row of a file and, when a digest is due (task is not NULL), see to its stream. Errors: TRW_ECANCEL,
 * TRW_ENOMEM, TRW_EIO (the plan's files).
 */
TRW_NODISCARD enum trw_status trw_feed_file(struct trw_feed *f, const struct trw_file *file,
	const struct trw_task *task, struct trw_err *err);

/** The walk is complete: say so behind everything that was posted, and send all of it on its way. Errors: as above. */
TRW_NODISCARD enum trw_status trw_feed_end(struct trw_feed *f, struct trw_err *err);
