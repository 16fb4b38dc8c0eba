/* SPDX-License-Identifier: Apache-2.0 */
/** Segment names: which files beside a given one belong to its set, going by their names. */
#pragma once

#include "image/opening/info.h"
#include "image/opening/source.h"

/** How a set numbers its files. */
enum trw_names_style {
	TRW_NAMES_ALONE = 0, /* not at all: the given files are the set */
	TRW_NAMES_EWF,       /* .E01 .. .E99 .EAA .. .ZZZ, .s01 .. */
	TRW_NAMES_EWF2,      /* .Ex01 .. .Ex99 .ExAA .. */
	TRW_NAMES_RAW        /* .000 or .001 .. .999 .1000 .., .0001 .., .aa .., .aaa .. */
};

struct trw_name {
	char *path;            /* owned */
	uint32_t number;       /* from the name: EWF and letters from 1, digits as written */
	bool is_given;         /* the caller named this one */
	struct trw_source src; /* owned; closed until somebody needed it: trw_name_open */
};

/** All-zero is empty. Sorted by number, no number twice. */
struct trw_names {
	struct trw_name *v; /* owned */
	size_t n, cap;
};

void trw_name_clear(struct trw_name *name);    /* frees, closes; the name is then empty */
void trw_names_clear(struct trw_names *names); /* frees, closes; names is then empty */

/** The number that the name of path has in this style; false when it has none. */
bool trw_names_number(const char *path, enum trw_names_style style, uint32_t *number);

/**
 * path and the files in its folder that share its stem and numbering. Just path, with number 0, when it
 * has no number. A folder that cannot be listed counts as holding nothing else. Errors: TRW_ENOMEM,
 * TRW_ELIMIT past TRW_SEGMENTS_MAX; out is then empty.
 */
TRW_NODISCARD enum trw_status trw_names_find(
	const char *path, enum trw_names_style style, struct trw_names *out, struct trw_err *err);

/** Append one name; the path is copied. Errors: TRW_ENOMEM, TRW_ELIMIT. */
TRW_NODISCARD enum trw_status trw_names_add(struct trw_names *names, const char *path,
	uint32_t number, bool is_given, struct trw_err *err);

/** Open the file unless it is open; it is closed with the names, or by who takes it. Errors: as trw_source_open. */
TRW_NODISCARD enum trw_status trw_name_open(struct trw_name *name, struct trw_err *err);

/** Take the name's opened file; the name's own is then closed. */
struct trw_source trw_name_take(struct trw_name *name);

/** Sort by number; stable for equal ones is not promised. */
void trw_names_sort(struct trw_names *names);

/** The name that EWF segment number has in the set of path (an .E01-like name), to out of cap bytes. */
void trw_names_ewf(const char *path, uint32_t number, char *out, size_t cap);
