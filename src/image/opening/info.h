/* SPDX-License-Identifier: Apache-2.0 */
/** What is known about an evidence item once it is open, and what its opener is told. */
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

/**
 * One line of the acquisition record. Keys: "case_number", "evidence_number", "description", "examiner", "notes",
 * "acquisition_date", "system_date", "acquisition_software", "acquisition_os", "model", "serial_number",
 * "device_label", "media_type", "compression", "set_identifier", "error_granularity_sectors", ...
 */
struct trw_image_fact {
	const char *key;
	const char *value; /* UTF-8 */
};

/** Something that was found wrong with the container when it was opened. */
struct trw_image_note {
	enum trw_code code;
	const char *text;  /* one line: what, where, what to do */
	uint64_t off, len; /* media bytes concerned; len 0 when none can be named */
};

/** Digests of the media that the container stores. */
struct trw_image_digests {
	bool has_md5, has_sha1;
	uint8_t md5[16], sha1[20]; /* zeros where there is none */
};

/**
 * Immutable after open; everything is owned by the image. format_name is "raw", "split raw", "EWF-E01", "EWF-S01",
 * "EWF2-Ex01", "AFF", "VMDK", "VHD", or of an unreadable one "QCOW2", "VHDX", "DMG", "AFF4", "LVF", "empty" ...
 */
struct trw_image_info {
	enum trw_image_format format;
	const char *format_name;
	uint64_t size;        /* media bytes */
	uint32_t sector_size; /* bytes, 512 when the container does not say */
	uint32_t chunk_size;  /* bytes of one container chunk; 0 for flat formats */
	const struct trw_image_segment *segments;
	size_t n_segments;
	const struct trw_image_fact *facts;
	size_t n_facts;
	const struct trw_image_note *notes;
	size_t n_notes;
	struct trw_image_digests stored;
	bool is_damaged; /* opening it has already shown that not all bytes can be right */
};

struct trw_opening;

/**
 * Opens a container that own code does not read; paths are the segments that were found. Fills the backend of o, and
 * of its info size, sector_size and stored. Errors make the image "unreadable"; nothing of o is then filled.
 */
typedef enum trw_status (*trw_image_foreign_open)(void *hook_ctx, enum trw_image_format format,
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);

struct trw_image_options {
	trw_image_foreign_open open_foreign; /* NULL: foreign containers are unreadable */
	void *hook_ctx;
	uint32_t sector_size; /* 0 = from the container, else 512 */
};
