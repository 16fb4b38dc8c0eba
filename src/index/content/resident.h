/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Streams whose bytes the walk itself hands over, or that have none: threads of their own hand them to the consumers, in
 * groups, so that the thread that reads the walk's frames does nothing but that. Groups go out as they fill; what came
 * of a stream is posted behind its file's row.
 */
#pragma once

#include "index/content/task.h"
#include "index/pass/pass.h"
#include "index/write/outbox.h"

struct trw_resident;

/** pass: borrowed. No thread runs before there is work for one. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_resident_new(
	const struct trw_pass *pass, struct trw_resident **out, struct trw_err *err);

/**
 * Take a stream, whose bytes are copied; those that its size says and that are not there are missing. rows: the outbox
 * that has taken its file's row, which is flushed before a group goes out. Errors: TRW_ENOMEM; TRW_ECANCEL when the run
 * is stopping; TRW_EIO (threads). Threads: the walker, as for all functions here.
 */
TRW_NODISCARD enum trw_status trw_resident_put(struct trw_resident *r, const struct trw_task *task,
	struct trw_outbox *rows, struct trw_err *err);

/** Wait until all that was taken is posted, and flushed. Errors: as above; the pass's first error has those of threads. */
TRW_NODISCARD enum trw_status trw_resident_finish(
	struct trw_resident *r, struct trw_outbox *rows, struct trw_err *err);

/** What has not gone out is dropped; waits for what has. NULL is fine. */
void trw_resident_free(struct trw_resident *r);
