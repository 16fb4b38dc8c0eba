/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An evidence item as one flat run of bytes: raw, split raw and EWF read by own code; every other container
 * through a hook that the caller gives (in the coordinator a sandboxed worker, in that worker libtsk or
 * libewf). Damage of the container is reported, never swallowed.
 *
 * Threads: after open every function may be called from any number of threads at once.
 */
#pragma once

#include "image/opening/info.h"
#include "view/view.h"

struct trw_image;

/**
 * Open an evidence item. paths: one file (its set is found from the name: E01.., .001.., .aa..), or all
 * segments in any order. A damaged, incomplete or unreadable container is no error: it opens, and notes,
 * is_damaged and the ranges that reads report tell. Errors: TRW_EUSAGE (no such file, a directory, not
 * permitted, files that do not belong to one set, the same file twice), TRW_EIO, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_image_open(const char *const *paths, size_t n,
	const struct trw_image_options *options, struct trw_image **out, struct trw_err *err);

/** A memory twin for tests: reads bytes (borrowed until close); reads inside damage (copied, may be NULL) zero and report. */
TRW_NODISCARD enum trw_status trw_image_open_memory(const uint8_t *bytes, size_t size,
	const struct trw_ranges *damage, struct trw_image **out, struct trw_err *err);

void trw_image_close(struct trw_image *image); /* NULL is fine */

/** Borrowed until close. */
const struct trw_image_info *trw_image_info(const struct trw_image *image);

/**
 * Fill buf with len bytes from off. Bytes that cannot be had are zero and are added to damage (image
 * offsets; may be NULL): SUBSTITUTED where a chunk's checksum fails or the acquisition had replaced them,
 * MISSING where there is nothing (read error, lost segment, past the end of the image).
 * Errors: TRW_ENOMEM, TRW_EWORKER (foreign only); never for damaged evidence.
 */
TRW_NODISCARD enum trw_status trw_image_read(struct trw_image *image, uint64_t off, void *buf,
	size_t len, struct trw_ranges *damage, struct trw_err *err);

/** The image as the root of views (view/view.h): trw_view_read of it is trw_image_read. Borrows the image. */
struct trw_view trw_image_view(struct trw_image *image);

/**
 * One stretch of the media on its way from the files to memory, in two halves that different threads may do:
 * fetch reads what the files hold, unpack inflates and checks it. One owner at a time, handed from thread to
 * thread; used again for stretch after stretch, so that buffers and inflater are made once.
 */
struct trw_image_span;

/** Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_image_span_new(struct trw_image_span **out, struct trw_err *err);
void trw_image_span_free(struct trw_image_span *span); /* NULL is fine */

/**
 * The I/O half: read what [off, off + len), inside the image, needs. Stretches that are fetched in ascending order,
 * each beginning where the one before ended or later, are read from the files in ascending order, each stored
 * byte once (of one set of segments; where chunk_size is not 0, off is a multiple of it and so is len but at
 * the image's end; else TRW_EUSAGE). Flat and foreign images are read straight into buf (len bytes, the
 * caller's until unpack is done). Errors: TRW_ENOMEM, TRW_EUSAGE, TRW_EWORKER (foreign); never for damage.
 */
TRW_NODISCARD enum trw_status trw_image_fetch(struct trw_image *image, uint64_t off, size_t len,
	uint8_t *buf, struct trw_image_span *span, struct trw_err *err);

/**
 * The CPU half, of what the last fetch of this span has read: fill buf, the same, with the media bytes; damage
 * (image offsets) as trw_image_read. A chunk that does not lie as its neighbours do (ewf/span.c) is read from the files
 * here. Errors: TRW_ENOMEM; TRW_EUSAGE when the last fetch failed, was of another image or never was.
 * Threads: any; no lock is held while inflating.
 */
TRW_NODISCARD enum trw_status trw_image_unpack(struct trw_image *image, struct trw_image_span *span,
	uint8_t *buf, struct trw_ranges *damage, struct trw_err *err);

/** Hint: [off, off + len) is going to be fetched soon, in ascending order. Does nothing where it cannot help. */
void trw_image_ahead(struct trw_image *image, uint64_t off, uint64_t len);

/** Count [ranges] among the damage that reads have met: what an earlier run saw. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_image_damage_add(
	struct trw_image *image, const struct trw_ranges *ranges, struct trw_err *err);

/**
 * Hand over to take the damage that reads have met since the last call, or that a take which failed was given: all
 * that was met before this call has gone through a take that succeeded when it returns TRW_OK. take is not called
 * when there is nothing. What trw_image_damage_add counted is not handed over. Linear in what is new.
 * Errors: of take. Threads: any; one call is under way at a time and others wait for its end, but no lock is held.
 */
TRW_NODISCARD enum trw_status trw_image_damage_tell(struct trw_image *image,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err);

/** Add to out every damaged range that any read has met so far, plus what was known at open. */
TRW_NODISCARD enum trw_status trw_image_damage(
	struct trw_image *image, struct trw_ranges *out, struct trw_err *err);
