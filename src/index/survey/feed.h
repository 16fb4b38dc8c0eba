/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The walker's way out: rows go to the writer, streams to the plan of the sweep, and those whose bytes the walk
 * itself has, or that have none, to threads of their own.
 */
#pragma once

#include "index/content/allowance.h"
#include "index/content/resident.h"
#include "index/content/task.h"
#include "index/pass/pass.h"
#include "index/write/outbox.h"

/** Owner: the walker thread. */
struct trw_feed {
	struct trw_pass *pass;
	struct trw_outbox outbox;
	struct trw_allowance spent;
	struct trw_resident *resident; /* owned; NULL until there is a stream for it */
};

/**
 * Post the row of a file and, when a digest is due (task is not NULL), see to its stream. Errors: TRW_ECANCEL,
 * TRW_ENOMEM, TRW_EIO (the plan's files).
 */
TRW_NODISCARD enum trw_status trw_feed_file(struct trw_feed *f, const struct trw_file *file,
	const struct trw_task *task, struct trw_err *err);

/**
 * The walk is complete: wait for the resident streams, say so behind everything that was posted, and send all of it on
 * its way. Errors: as above, and the first error's.
 */
TRW_NODISCARD enum trw_status trw_feed_end(struct trw_feed *f, struct trw_err *err);

/** Give back what the feed holds; what has not been sent is dropped. */
void trw_feed_clear(struct trw_feed *f);
