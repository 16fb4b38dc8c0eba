/* SPDX-License-Identifier: Apache-2.0 */
/** The media as a whole: whether to digest every byte of an image, and a sweep that does nothing else. */
#pragma once

#include "digest/digest.h"
#include "image/image.h"
#include "index/write/progress.h"

/**
 * Whether reading the whole media is in proportion to what the files hold: a hostile container of 1 KiB can
 * announce 2^60 bytes that are nowhere. *zeros: the bytes beyond what its files can hold. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_mediasum_is_bounded(
	struct trw_image *image, bool *is_bounded, uint64_t *zeros, struct trw_err *err);

/**
 * Read and digest the image with a thread a CPU; progress may be NULL. Errors: TRW_ECANCEL (the user interrupts),
 * TRW_ENOMEM, TRW_EIO, TRW_EWORKER.
 */
TRW_NODISCARD enum trw_status trw_mediasum_digest(struct trw_image *image,
	struct trw_progress *progress, struct trw_digests *out, struct trw_err *err);
