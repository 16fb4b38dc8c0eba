/* SPDX-License-Identifier: Apache-2.0 */
/** What each kind of container offers to image.c. */
#pragma once

#include "base/range.h"

/** One stretch of the media between fetch and unpack. One owner at a time. All-zero holds nothing. */
struct trw_image_span {
	const struct trw_image *image; /* that the last fetch was of; NULL: none, or it failed */
	uint64_t off;                  /* the stretch, in media bytes */
	size_t len;
	struct trw_ranges met; /* damage that fetch met; owned */
	void *packed;          /* what fetch keeps for unpack; owned, NULL until it needs it */
	void (*free_packed)(void *packed);
};

/** all-zero reads nothing: an unreadable image. */
struct trw_backend {
	/**
	 * Fill len bytes from off, both inside the size; zero and add to damage (image offsets) what
	 * cannot be had. Called from many threads at once, under no lock. Errors: TRW_ENOMEM, TRW_EWORKER.
	 */
	enum trw_status (*read)(void *ctx, uint64_t off, uint8_t *buf, size_t len,
		struct trw_ranges *damage, struct trw_err *err);
	void (*close)(void *ctx);
	void *ctx; /* owned, through close */

	/*
	 * The two halves of read, for whole chunks: fetch takes what the files hold of the span's stretch,
	 * unpack is as read. NULL: the container packs nothing, and read itself is what fetch does.
	 */
	enum trw_status (*fetch)(void *ctx, struct trw_image_span *span, struct trw_err *err);
	enum trw_status (*unpack)(void *ctx, struct trw_image_span *span, uint8_t *buf,
		struct trw_ranges *damage, struct trw_err *err);

	/** Tell the system that len bytes from off, inside the size, are going to be read. NULL: nothing to tell. */
	void (*ahead)(void *ctx, uint64_t off, uint64_t len);
};
