/* SPDX-License-Identifier: Apache-2.0 */
/** Content that only libtsk can decode, streamed to the coordinator. */
#pragma once

#include "walk/tsk/place.h"

/**
 * Answer a READ request: DATA frames, ascending, then DONE with the damaged ranges of the
 * stream; or FAILED. *place keeps the opened
 * file system for the next request (NULL at first; trw_place_close at the end). Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_read(struct trw_image *image,
	const struct trw_read_request *request, struct trw_place **place, struct trw_err *err);
