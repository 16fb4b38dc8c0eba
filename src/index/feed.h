/* SPDX-License-Identifier: Apache-2.0 */
/** The walker's way out: rows to the writer, digest tasks to the hashers, in an order that both can rely on. */
#pragma once

#include "index/allowance.h"
#include "index/outbox.h"
#include "index/pass.h"
#include "index/task.h"

/** What the walker thread owns: rows and tasks go out together, tasks behind the row of their file. */
struct trw_feed {
	struct trw_pass *pass;
	struct trw_outbox outbox;
	struct trw_task *tasks[TRW_BATCH_ROWS]; /* of rows that are still in outbox */
	size_t n_tasks;
	struct trw_allowance spent;
};

/** Send rows and tasks on their way. Errors: TRW_ECANCEL, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_feed_flush(struct trw_feed *f, struct trw_err *err);
void trw_feed_clear(struct trw_feed *f); /* drops what has not left */

/** Post the row of a file and, when a digest is due, its task. task may be NULL; it is taken over in any case. */
TRW_NODISCARD enum trw_status trw_feed_file(struct trw_feed *f,
	const struct trw_evidence_file *file, struct trw_extents *extents, struct trw_task *task,
	struct trw_err *err);
