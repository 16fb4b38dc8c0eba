/* SPDX-License-Identifier: Apache-2.0 */
/** What each kind of container offers to image.c; only for files of this folder. */
#pragma once

#include "image/about.h"
#include "image/names.h"
#include "image/source.h"

struct trw_ewf_span;

/** One owner at a time. All-zero holds nothing. */
struct trw_image_span {
	const struct trw_image *image; /* that the last fetch was of; NULL: none, or it failed */
	uint64_t off;                  /* the stretch, in media bytes */
	size_t len;
	struct trw_ranges met;    /* damage that fetch met; owned */
	struct trw_ewf_span *ewf; /* stored chunks; owned, NULL until an EWF image needs it */
};

void trw_ewf_span_free(struct trw_ewf_span *ewf); /* NULL is fine */

/** all-zero reads nothing: an unreadable image. */
struct trw_backend {
	/**
	 * Fill len bytes from off, both inside the size; zero and add to damage (image offsets) what
	 * cannot be had. Called from many threads at once. Errors: TRW_ENOMEM, TRW_EWORKER.
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

/** An image under construction: what the openers fill. All-zero is a fine start. */
struct trw_opening {
	struct trw_backend backend;
	struct trw_about about;
	struct trw_ranges known; /* damage that is known without reading */
};

/** Turn it into an unreadable container with one note. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_opening_refuse(struct trw_opening *o, const char *name,
	enum trw_code code, const char *text, struct trw_err *err);

/**
 * Raw and split raw. names is sorted; files missing between the numbers become MISSING ranges.
 * Errors: as trw_image_open.
 */
TRW_NODISCARD enum trw_status trw_flat_open(
	const struct trw_names *names, struct trw_opening *o, struct trw_err *err);

/** EWF1, see ewf.h. is_explicit: the caller named every file. Errors: as trw_image_open. */
TRW_NODISCARD enum trw_status trw_ewf_open(const struct trw_names *names, bool is_explicit,
	struct trw_opening *o, struct trw_err *err);

/** A container that the hook reads; format and format_name are set in o. Errors: TRW_ENOMEM, TRW_ELIMIT. */
TRW_NODISCARD enum trw_status trw_foreign_open(const struct trw_names *names,
	const struct trw_image_options *options, struct trw_opening *o, struct trw_err *err);

/** The memory twin: bytes are borrowed, damage (may be NULL) is copied. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_memory_open(const uint8_t *bytes, size_t size,
	const struct trw_ranges *damage, struct trw_opening *o, struct trw_err *err);
