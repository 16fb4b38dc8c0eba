/* SPDX-License-Identifier: Apache-2.0 */
/** The media as a whole: one ascending read of every byte of an image, digested. */
#pragma once

#include "digest/digest.h"
#include "image/image.h"
#include "index/progress.h"

/**
 * Whether reading the whole media is in proportion to what the files hold: a hostile container of 1 KiB can
 * announce 2^60 bytes that are nowhere. *zeros: the bytes beyond what its files can hold. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_mediasum_is_bounded(
	struct trw_image *image, bool *is_bounded, uint64_t *zeros, struct trw_err *err);

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
