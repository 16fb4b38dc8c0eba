/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One thread's way to the writer: each function copies a row into the current batch, which leaves when it is
 * full. Errors of every function: TRW_ENOMEM; TRW_ECANCEL when the run is stopping. Threads: one owner.
 */
#pragma once

#include "image/image.h"
#include "index/post.h"
#include "index/writer.h"

struct trw_outbox {
	struct trw_writer *writer; /* borrowed */
	struct trw_batch *batch;   /* owned; NULL = empty */
	uint64_t n_flushed; /* batches that left: rows put before a change of it are on their way */
};

void trw_outbox_clear(struct trw_outbox *o); /* what has not left is dropped */
TRW_NODISCARD enum trw_status trw_outbox_flush(struct trw_outbox *o, struct trw_err *err);

TRW_NODISCARD enum trw_status trw_outbox_volume(
	struct trw_outbox *o, const struct trw_evidence_volume *volume, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_outbox_filesystem(
	struct trw_outbox *o, const struct trw_evidence_filesystem *fs, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_outbox_filesystem_status(
	struct trw_outbox *o, int64_t filesystem_id, const char *status, struct trw_err *err);
/** Takes over *extents (it is then empty), whether it succeeds or not; may be NULL. */
TRW_NODISCARD enum trw_status trw_outbox_file(struct trw_outbox *o,
	const struct trw_evidence_file *file, struct trw_extents *extents, struct trw_err *err);
/** Takes over *damage (it is then empty), whether it succeeds or not. */
TRW_NODISCARD enum trw_status trw_outbox_content(struct trw_outbox *o,
	const struct trw_evidence_content *content, struct trw_ranges *damage, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_outbox_problem(
	struct trw_outbox *o, const struct trw_evidence_problem *problem, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_outbox_blocks(
	struct trw_outbox *o, const struct trw_post_blocks *blocks, struct trw_err *err);
/**
 * A checkpoint takes effect with the rows that this outbox has taken before it: for rows of another one, let that
 * flush first. It leaves with its batch; trw_outbox_flush sends it at once.
 */
TRW_NODISCARD enum trw_status trw_outbox_checkpoint(struct trw_outbox *o,
	const struct trw_evidence_checkpoint *checkpoint, struct trw_err *err);
/**
 * What reads of the image have met of its damage must be on record before what came of it is: when this returns, all
 * of it is on its way, by this outbox or by another thread's, and what this outbox takes from here on is behind it.
 * Costs what is new.
 */
TRW_NODISCARD enum trw_status trw_outbox_damage(
	struct trw_outbox *o, int64_t image_id, struct trw_image *image, struct trw_err *err);
/** outcome is a literal. */
TRW_NODISCARD enum trw_status trw_outbox_items(struct trw_outbox *o, int64_t filesystem_id,
	const char *outcome, uint64_t n, struct trw_err *err);

/** action is a literal. */
TRW_NODISCARD enum trw_status trw_outbox_audit(
	struct trw_outbox *o, const char *action, const char *detail, struct trw_err *err);

/** The file system is one of several that are plausible in its place after all. */
TRW_NODISCARD enum trw_status trw_outbox_filesystem_ambiguous(
	struct trw_outbox *o, int64_t filesystem_id, struct trw_err *err);
