/* SPDX-License-Identifier: Apache-2.0 */
/** The media as a whole: one ascending read of every byte of an image, digested. */
#pragma once

#include "digest/digest.h"
#include "image/image.h"
#include "index/progress.h"

/** Read and digest the image. stops, when not NULL, is asked between pieces. Errors: TRW_ECANCEL, TRW_ENOMEM, TRW_EWORKER. */
TRW_NODISCARD enum trw_status trw_mediasum_digest(struct trw_image *image,
	struct trw_progress *progress, bool (*stops)(void *ctx), void *ctx, struct trw_digests *out,
	struct trw_err *err);

/** A media digest in a thread of its own, beside the rest of the job. */
struct trw_mediasum;

/** Errors: TRW_ENOMEM, TRW_EIO. Borrowed until join: all arguments. */
TRW_NODISCARD enum trw_status trw_mediasum_start(struct trw_image *image,
	struct trw_progress *progress, bool (*stops)(void *ctx), void *ctx,
	struct trw_mediasum **out, struct trw_err *err);

/** Wait and free; the status of trw_mediasum_digest. */
TRW_NODISCARD enum trw_status trw_mediasum_join(
	struct trw_mediasum *m, struct trw_digests *out, struct trw_err *err);
