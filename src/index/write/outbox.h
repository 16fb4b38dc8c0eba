/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Batches one thread's rows for the writer: a row is copied into the current batch, which leaves when it is
 * full. Errors of every function: TRW_ENOMEM; TRW_ECANCEL when the run is stopping. Threads: one owner.
 */
#pragma once

#include "image/image.h"
#include "index/write/writer.h"

struct trw_outbox {
	struct trw_writer *writer; /* borrowed */
	struct trw_batch *batch;   /* owned; NULL = empty */
	uint64_t n_flushed; /* batches that left: rows put before a change of it are on their way */
};

void trw_outbox_clear(struct trw_outbox *o); /* what has not left is dropped */
TRW_NODISCARD enum trw_status trw_outbox_flush(struct trw_outbox *o, struct trw_err *err);

/**
 * Copy a row of any kind. A checkpoint takes effect with the rows that this outbox has taken before it: for rows of
 * another one, let that flush first. It leaves with its batch; trw_outbox_flush sends it at once.
 */
TRW_NODISCARD enum trw_status trw_outbox_put(
	struct trw_outbox *o, const struct trw_row *row, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_outbox_problem(
	struct trw_outbox *o, const struct trw_problem *problem, struct trw_err *err);
/** action is a literal. */
TRW_NODISCARD enum trw_status trw_outbox_audit(
	struct trw_outbox *o, const char *action, const char *detail, struct trw_err *err);

/**
 * What reads of the image have met of its damage must be on record before what came of it is: when this returns, all
 * of it is on its way, by this outbox or by another thread's, and what this outbox takes from here on is behind it.
 * Costs what is new.
 */
TRW_NODISCARD enum trw_status trw_outbox_damage(
	struct trw_outbox *o, int64_t image_id, struct trw_image *image, struct trw_err *err);
