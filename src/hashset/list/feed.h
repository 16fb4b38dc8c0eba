/* SPDX-License-Identifier: Apache-2.0 */
/** A folder that is a MISP feed: which files of it are events. */
#pragma once

#include "base/status.h"

/**
 * sha256: 32 bytes that the manifest says the file has; NULL when it says none. Borrowed, as the
 * path.
 */
typedef enum trw_status (*trw_feed_take)(
	void *ctx, const char *path, const uint8_t *sha256, struct trw_err *err);

/**
 * Call take for the file of every event that the folder's manifest.json lists, in the order of
 * names. *n_unlisted: other *.json files; events leave a feed by leaving its manifest, and an old
 * copy of the file may stay. Errors: TRW_EUSAGE when there is no manifest.json; TRW_ECORRUPT when
 * it is none or lists events that are not there; TRW_EIO; TRW_ELIMIT; those of take, which end it.
 */
TRW_NODISCARD enum trw_status trw_feed_each(const char *folder, trw_feed_take take, void *ctx,
	uint64_t *n_unlisted, struct trw_err *err);
