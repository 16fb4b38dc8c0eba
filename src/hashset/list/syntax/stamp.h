/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Times of entries for formats that cannot do without: from the property "updated" and its like,
 * never from a clock, so that the same set gives the same bytes. Threads: any.
 */
#pragma once

#include "hashset/set.h"

#define TRW_STAMP_TEXT 32

struct trw_stamp {
	int64_t s;                 /* since 1970-01-01 UTC, leap seconds not counted; more than 0 */
	char text[TRW_STAMP_TEXT]; /* "2000-01-02T03:04:05.25Z" (RFC 3339, UTC) */
};

/** For what has no time: 1970-01-01T00:00:01Z. (Readers take 0 for "now".) */
extern const struct trw_stamp trw_stamp_none;

/**
 * ISO 8601 with seconds, up to 9 digits of fraction, and "Z" or nothing; false for anything else,
 * and before 1970.
 */
TRW_NODISCARD bool trw_stamp_read(const char *p, size_t n, struct trw_stamp *out);

/** The property of this name of an entry as a time; false when it has none that is one. */
TRW_NODISCARD bool trw_stamp_of(
	const struct trw_entry *e, const char *property, struct trw_stamp *out);

/**
 * The latest "updated" of a set; trw_stamp_none when there is none. Errors: those of trw_rows_each.
 */
TRW_NODISCARD enum trw_status trw_stamp_latest(
	const struct trw_set *set, struct trw_stamp *out, struct trw_err *err);
