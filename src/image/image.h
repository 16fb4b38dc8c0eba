/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An evidence item as one flat run of bytes: raw, split raw and EWF read by own code; every other container
 * through a hook that the caller gives (in the coordinator a sandboxed worker, in that worker libtsk or
 * libewf). Damage of the container is reported, never swallowed.
 *
 * Threads: after open every function may be called from any number of threads at once.
 */
#pragma once

#include "base/range.h"
#include "record/codes.h"

#define TRW_SEGMENTS_MAX 16384 /* files of one set */

enum trw_image_format {
	TRW_IMAGE_RAW = 0,
	TRW_IMAGE_SPLIT,  /* split raw: .001, .aa, ... */
	TRW_IMAGE_EWF,    /* E01, EWF-X */
	TRW_IMAGE_SMART,  /* S01 */
	TRW_IMAGE_EWF2,   /* Ex01; foreign */
	TRW_IMAGE_AFF,    /* AFF, AFD, AFM; foreign */
	TRW_IMAGE_VMDK,   /* foreign */
	TRW_IMAGE_VHD,    /* foreign */
	TRW_IMAGE_MEMORY, /* tests */
	TRW_IMAGE_UNREADABLE /* a container that nothing here reads: size 0, the notes say which and what to do */
};

struct trw_image_segment {
	const char *path; /* as opened */
	uint64_t size;    /* bytes of the file; 0 when is_missing */
	bool is_missing;
};

struct trw_image_fact {    /* one line of the acquisition record */
	const char *key;   /* "case_number", "evidence_number", "description", "examiner", "notes",
			      "acquisition_date", "system_date", "acquisition_software", "acquisition_os",
			      "model", "serial_number", "device_label", "media_type", "compression",
			      "set_identifier", "error_granularity_sectors", ... */
	const char *value; /* UTF-8 */
};

/** Something that was found wrong with the container when it was opened. */
struct trw_image_note {
	enum trw_code code;
	const char *text;  /* one line: what, where, what to do */
	uint64_t off, len; /* media bytes concerned; len 0 when none can be named */
};

/** Immutable after open; everything is owned by the image. */
struct trw_image_info {
	enum trw_image_format format;
	const char *
		format_name; /* "raw", "split raw", "EWF-E01", "EWF-S01", "EWF2-Ex01", "AFF", "VMDK", "VHD",
					or of an unreadable one "QCOW2", "VHDX", "DMG", "AFF4", "LVF", "empty" ... */
	uint64_t size;        /* media bytes */
	uint32_t sector_size; /* bytes, 512 when the container does not say */
	uint32_t chunk_size;  /* bytes of one container chunk; 0 for flat formats */
	const struct trw_image_segment *segments;
	size_t n_segments;
	const struct trw_image_fact *facts;
	size_t n_facts;
	const struct trw_image_note *notes;
	size_t n_notes;
	bool has_md5, has_sha1; /* digests that the container stores */
	uint8_t md5[16], sha1[20];
	bool is_damaged; /* the notes or the first look already say that not all bytes can be right */
};

struct trw_image;

/** What a container that own code does not read must offer. ctx is the implementer's. */
struct trw_image_foreign {
	/**
	 * Fill len bytes from off (both inside the size); zero and add to damage (image offsets) what cannot
	 * be read. Called under no lock: serialise inside where needed.
	 */
	enum trw_status (*read)(void *ctx, uint64_t off, uint8_t *buf, size_t len,
		struct trw_ranges *damage, struct trw_err *err);
	void (*close)(void *ctx);
	void *ctx;
	uint64_t size;
	uint32_t sector_size;
	bool has_md5, has_sha1;
	uint8_t md5[16], sha1[20];
};

/** Opens a foreign container; paths are the segments that were found. Errors make the image "unreadable". */
typedef enum trw_status (*trw_image_foreign_open)(void *hook_ctx, enum trw_image_format format,
	const char *const *paths, size_t n, struct trw_image_foreign *out, struct trw_err *err);

struct trw_image_options {
	trw_image_foreign_open open_foreign; /* NULL: foreign containers are unreadable */
	void *hook_ctx;
	uint32_t sector_size; /* 0 = from the container, else 512 */
};

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
 * (image offsets) as trw_image_read. A chunk that does not lie as its neighbours do (ewf_span.c) is read from the files
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
 * Errors: of take. Threads: any; one call at a time is under way, others wait.
 */
TRW_NODISCARD enum trw_status trw_image_damage_tell(struct trw_image *image,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err);

/** Add to out every damaged range that any read has met so far, plus what was known at open. */
TRW_NODISCARD enum trw_status trw_image_damage(
	struct trw_image *image, struct trw_ranges *out, struct trw_err *err);
