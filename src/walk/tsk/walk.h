/* SPDX-License-Identifier: Apache-2.0 */
/** The walk of one file system: every name and stream as a FILE frame, in an order that a restart repeats. */
#pragma once

#include "walk/tsk/place.h"

/**
 * Answer a WALK request: FILESYSTEM, then FILE and PROBLEM frames, BLOCKS, DONE; or FAILED.
 * Errors: TRW_ENOMEM; then the frames that were sent stand and the coordinator restarts the worker.
 */
TRW_NODISCARD enum trw_status trw_walk(
	struct trw_image *image, const struct trw_walk_request *request, struct trw_err *err);
