/* SPDX-License-Identifier: Apache-2.0 */
/** The reader of a sweep: has windows planned, and fetches their stored bytes, in the order of the image. */
#pragma once

#include "sweep/events.h"
#include "sweep/planner.h"
#include "sweep/window.h"

struct trw_reader {
	/* borrowed; immutable */
	struct trw_image *image;
	struct trw_windows *windows;
	struct trw_planner *planner;
	const struct trw_sweep_events *events;
	/* owner: reader */
	uint64_t
		told; /* bytes of the image up to which the system has been told what is to be read */
};

/**
 * Fetch the next window; waits until one is free. TRW_END: there is none, or the sweep has failed. Errors:
 * TRW_ECANCEL, TRW_ENOMEM, TRW_EIO (the plan's files), TRW_EWORKER (foreign images).
 */
TRW_NODISCARD enum trw_status trw_reader_step(struct trw_reader *r, struct trw_err *err);

/** The thread: all windows, and then the word that there are no more. */
void *trw_reader_run(void *reader);
