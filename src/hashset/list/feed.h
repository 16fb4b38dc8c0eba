/* SPDX-License-Identifier: Apache-2.0 */
/** A folder that is a MISP feed: which files of it are events. */
#pragma once

#include "base/status.h"

/**
 * Call take for every event file (*.json but for manifest.json) of the folder, in the order of names. Errors: TRW_EUSAGE when there is no manifest.json;
 * TRW_EIO; TRW_ELIMIT; those of take, which end it.
 */
TRW_NODISCARD enum trw_status trw_feed_each(const char *folder,
	enum trw_status (*take)(void *ctx, const char *path, struct trw_err *err), void *ctx,
	struct trw_err *err);
