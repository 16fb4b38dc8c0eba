/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Second reader for ISO 9660: the files whose content libtsk can't know, because it takes a file for one run
 * that starts at the extent of its first record. Walks the primary, Joliet and ISO 9660:1999 trees.
 */
#pragma once

#include "walk/layout.h"

#define TRW_ISO_FILES_MAX ((size_t)1 << 16)
#define TRW_ISO_SECTIONS_MAX ((size_t)1 << 20) /* over all files */
#define TRW_ISO_DEPTH_MAX 64
#define TRW_ISO_DIR_BYTES_MAX ((uint64_t)256 << 20) /* directory bytes read, over all trees */

/** Why a file is on the list; a set of bits. */
enum trw_iso_why {
	TRW_ISO_MULTI_EXTENT = 1 << 0, /* several records make one file (ISO 9660 level 3) */
	TRW_ISO_INTERLEAVED = 1 << 1,  /* file units with gaps between them */
	TRW_ISO_XAR = 1 << 2,          /* an extended attribute record lies before the content */
	TRW_ISO_ENDIANS = 1 << 3,      /* the little- and big-endian halves of a field differ */
	TRW_ISO_UNENDED = 1 << 4 /* the last record says that another one follows, and none does */
};

struct trw_iso_file {
	char *path; /* owned; from "/", UTF-8 for Joliet, else the bytes of the record without ";1" */
	unsigned why; /* bits of enum trw_iso_why, never 0 */
	bool is_joliet;
	struct trw_layout
		layout; /* all of the file, by the little-endian halves; size: the sum of the records */
};

/** One directory record of a listed file. */
struct trw_iso_section {
	uint64_t
		record; /* where the record lies, relative to the file system: what tells it from others */
	uint32_t file; /* index of the file */
	bool is_first; /* the file's first record */
};

/** All-zero is the empty list. */
struct trw_iso_files {
	struct trw_iso_file *v; /* owned; in the order found: breadth first, tree by tree */
	size_t n, cap;
	struct trw_iso_section
		*sections; /* owned; every record of every file, ascending by record */
	size_t n_sections, cap_sections;
	bool is_capped; /* a cap was reached: there may be more such files */
	bool is_damaged; /* a directory couldn't be read or breaks its format: there may be more such files */
};

void trw_iso_files_clear(struct trw_iso_files *files); /* frees; files is then empty */

/**
 * List the files of an ISO 9660 file system that need more than one plain run. *out must be empty; on failure
 * it is empty again. Errors: TRW_ECORRUPT (no volume descriptor), TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_iso_multi_extents(
	const struct trw_view *bytes, struct trw_iso_files *out, struct trw_err *err);

/** The section whose directory record lies at `record`, or NULL. Borrowed. */
const struct trw_iso_section *trw_iso_section_at(
	const struct trw_iso_files *files, uint64_t record);
