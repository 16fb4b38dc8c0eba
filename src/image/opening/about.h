/* SPDX-License-Identifier: Apache-2.0 */
/** What is known about an image, while it is gathered: segments, acquisition record, notes. */
#pragma once

#include "image/opening/info.h"

#define TRW_ABOUT_NOTES_MAX 4096 /* per image; the last place says that there were more */

/** All-zero is empty. info points into the arrays and strings here. One owner until open is done. */
struct trw_about {
	struct trw_image_info info;
	struct trw_image_segment *segments; /* owned */
	size_t cap_segments;
	struct trw_image_fact *facts; /* owned */
	size_t cap_facts;
	struct trw_image_note *notes; /* owned */
	size_t cap_notes;
	char **strings; /* owned, each */
	size_t n_strings, cap_strings;
};

void trw_about_clear(struct trw_about *about); /* frees; about is then empty */

/** Append a file of the set. The path is copied. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_about_segment(struct trw_about *about, const char *path,
	uint64_t size, bool is_missing, struct trw_err *err);

/**
 * Append a fact unless its key is there or the value is empty: the first source of a fact wins. key is a
 * literal, value (n bytes) is copied, made well-formed UTF-8 and, past 32 KiB, cut with a note.
 * Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_about_fact(
	struct trw_about *about, const char *key, const char *value, size_t n, struct trw_err *err);

/** Append a note; off and len are media bytes. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_about_note(struct trw_about *about, enum trw_code code,
	uint64_t off, uint64_t len, struct trw_err *err, const char *fmt, ...) TRW_PRINTF(6, 7);

/** Append copies of the facts and notes of from. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_about_join(
	struct trw_about *about, const struct trw_about *from, struct trw_err *err);
