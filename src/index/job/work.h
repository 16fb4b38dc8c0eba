/* SPDX-License-Identifier: Apache-2.0 */
/** The work on one image: walk, sweep, rest, each with its threads, and the writer beside them. */
#pragma once

#include "index/pass/pass.h"
#include "sweep/sweep.h"

/** state: of an image that was walked by an earlier run; NULL: from the start. */
struct trw_work {
	struct trw_evidence *ev; /* the writer's while it runs */
	const struct trw_evidence_state *state;
	struct trw_sweep_media
		media; /* in: where the image's digests begin (n 0: none); out: at the end */
};

/**
 * Do it: fills pass->plan and pass->writer for as long as it takes. Errors: those that end a run; also that of first_error
 * when the run is to end.
 */
TRW_NODISCARD enum trw_status trw_work_run(
	struct trw_pass *pass, struct trw_work *work, struct trw_err *err);
