/* SPDX-License-Identifier: Apache-2.0 */
/** From the files that the caller names to an opened container: whose files they are, which others belong to them. */
#pragma once

#include "image/opening/opening.h"

/** Fill o, in which options are set. Errors: as trw_image_open; o is to be cleared all the same. */
TRW_NODISCARD enum trw_status trw_open_set(
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);
