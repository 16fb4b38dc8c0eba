/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one thread that writes the database while an image is worked on. On the way to it every content is looked up in the
 * hash sets, by the thread that brings it: there is no other way, so none is missed.
 */
#pragma once

#include "base/first_error.h"
#include "index/write/batch.h"
#include "index/write/progress.h"

struct trw_writer;

/** Everything is borrowed until finish. */
struct trw_writer_spec {
	struct trw_evidence *ev;             /* the thread's own until finish */
	uint64_t memory;                     /* bytes that may wait */
	struct trw_first_error *first_error; /* gets the first error */
	struct trw_progress *progress;       /* may be NULL */
	const struct trw_setlist *sets;      /* may be empty */
};

/** Start the writer. After its first error it only frees what comes. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_writer_start(
	const struct trw_writer_spec *spec, struct trw_writer **out, struct trw_err *err);

/** Looks up what is in it, and waits for room. Takes the batch over in any case. False when the writer has given up. Threads: any. */
TRW_NODISCARD bool trw_writer_post(struct trw_writer *w, struct trw_batch *batch);

/** Write what is queued, end the thread, free. What went wrong is in first_error. NULL is fine. */
void trw_writer_finish(struct trw_writer *w);
