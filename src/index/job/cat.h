/* SPDX-License-Identifier: Apache-2.0 */
/** One file's bytes out of its image again, checked against the recorded digest on the way. */
#pragma once

#include "index/job/items.h"

struct trw_cat_result {
	bool digest_known; /* the database has a SHA-256 of this stream */
	bool digest_ok;    /* and the bytes written have it */
	bool complete;     /* every byte came from the image as it was acquired */
};

/**
 * Write the stream of file_id. images: the files of its image, or none: the recorded path. Missing bytes are
 * written as zeros and complete is then false. Errors: TRW_EUSAGE (no such file id, nothing to read, not the
 * image that was indexed), what opening the image or the database says, what write returns.
 */
TRW_NODISCARD enum trw_status trw_index_cat(const char *db, int64_t file_id,
	const struct trw_index_images *images,
	enum trw_status (*write)(void *ctx, const void *p, size_t n, struct trw_err *err),
	void *ctx, struct trw_cat_result *out, struct trw_err *err);
