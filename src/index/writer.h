/* SPDX-License-Identifier: Apache-2.0 */
/** The one thread that writes the database while an image is worked on. */
#pragma once

#include "index/latch.h"
#include "index/progress.h"
#include "index/post.h"

struct trw_writer;

/**
 * Start the writer; from now until finish the handle ev is its own. memory bounds the bytes that wait; its
 * first error goes to latch, and from then on it only frees what comes. Errors: TRW_ENOMEM, TRW_EIO.
 */
TRW_NODISCARD enum trw_status trw_writer_start(struct trw_evidence *ev, uint64_t memory,
	struct trw_latch *latch, struct trw_progress *progress, struct trw_writer **out,
	struct trw_err *err);

/** Waits for room. Takes the batch over in any case. False when the writer has given up. Threads: any. */
TRW_NODISCARD bool trw_writer_post(struct trw_writer *w, struct trw_batch *batch);

/** Write what is queued, end the thread, free. What went wrong is in the latch. NULL is fine. */
void trw_writer_finish(struct trw_writer *w);
