/* SPDX-License-Identifier: Apache-2.0 */
/** Inside a set that is open: for the files of this folder that read it. */
#pragma once

#include "hashset/layout.h"
#include "hashset/set.h"

#include <sys/stat.h>

/** Immutable after trw_set_open. */
struct trw_set {
	const uint8_t *map;        /* the file; h.file_size bytes */
	char *path;                /* owned */
	struct stat about;         /* of the file, as it was opened */
	char *id, *name, *version; /* owned; never NULL */
	struct trw_tset_header h;
	struct trw_set_info info;
	const uint8_t **facts; /* owned; where each begins */
	size_t n_facts;
	const uint8_t **profiles; /* owned; where each begins; h.n_profiles */
};

/** A section's bytes; NULL when it is not there. */
static inline const uint8_t *
trw_set_section(const struct trw_set *set, int section)
{
	const struct trw_tset_place *p = &set->h.sections[section];

	return p->len == 0 ? NULL : set->map + p->off;
}

static inline const uint8_t *
trw_set_row_bytes(const struct trw_set *set, uint32_t row)
{
	return set->map + set->h.sections[TRW_TSET_ROWS].off + (uint64_t)row * set->h.row_width;
}

/** TRW_ECORRUPT: "PATH: damaged set: WHAT HOW", and what to do. The second names a section. */
enum trw_status trw_set_damaged(
	const struct trw_set *set, const char *what, const char *how, struct trw_err *err);
enum trw_status trw_set_section_damaged(
	const struct trw_set *set, int section, const char *how, struct trw_err *err);

/** TRW_ECANCEL: "PATH: interrupted". */
enum trw_status trw_set_interrupted(const struct trw_set *set, struct trw_err *err);
