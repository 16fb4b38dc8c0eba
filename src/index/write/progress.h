/* SPDX-License-Identifier: Apache-2.0 */
/** How far a job has come: counters that the job's threads raise and the meter reads. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum trw_phase {
	TRW_PHASE_OPEN = 0,
	TRW_PHASE_WALK,
	TRW_PHASE_SWEEP,
	TRW_PHASE_REST,
	TRW_PHASE_BOOKS,
	TRW_PHASE_DONE,
	TRW_PHASE_N
};

/** Threads: every field by any thread, relaxed. All-zero is the start. Totals are known after the walk. */
struct trw_progress {
	atomic_uint_least64_t phase; /* enum trw_phase */
	atomic_uint_least64_t image; /* which one, from 1 */
	atomic_uint_least64_t n_images;
	atomic_uint_least64_t files, files_done;
	atomic_uint_least64_t bytes_done,
		bytes_total; /* of the image to sweep and of streams put off */
	atomic_uint_least64_t content_done, content_total; /* of streams to digest, in bytes */
	atomic_uint_least64_t problems, problems_total;    /* of this image, of the run */
};

static inline void
trw_progress_phase(struct trw_progress *progress, enum trw_phase phase)
{
	atomic_store_explicit(&progress->phase, phase, memory_order_relaxed);
}
