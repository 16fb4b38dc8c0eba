/* SPDX-License-Identifier: Apache-2.0 */
/** Sets of byte ranges with a reason: where an image or a stream is damaged. */
#pragma once

#include "base/status.h"

#define TRW_RANGES_MAX                                                                             \
	((size_t)1 << 20) /* per list; past it neighbours are joined, see trw_ranges_add */

/** Why the bytes of a range are not what the evidence held. Higher is worse. Stored in databases: never renumber. */
enum trw_damage {
	TRW_DAMAGE_NONE = 0,
	TRW_DAMAGE_SUBSTITUTED =
		1,             /* the container or the acquisition put other bytes (zeros) there */
	TRW_DAMAGE_MISSING = 2 /* no bytes at all: read error, lost segment, past the end */
};

struct trw_range {
	uint64_t off, len; /* bytes; len is never 0 */
	enum trw_damage why;
};

/** All-zero is the empty set. Sorted by off, disjoint; neighbours that touch differ in why. */
struct trw_ranges {
	struct trw_range *v; /* owned */
	size_t n, cap;
};

void trw_ranges_clear(struct trw_ranges *rs); /* frees; rs is then empty */

/**
 * Add [off, off + len). Where it overlaps ranges that are there, the worse reason wins. len 0 adds nothing.
 * When the list is full the nearest ranges, to a factor of two, are joined across the gaps between them, a
 * sixteenth of the list at a time (never the other way: a damaged byte is always covered). Errors:
 * TRW_ECORRUPT when off + len passes 64 bits, TRW_ENOMEM; the set is then unchanged. Threads: one owner at a
 * time. Appending in ascending order is O(1); elsewhere a search, O(log n), and one move of what lies behind.
 */
TRW_NODISCARD enum trw_status trw_ranges_add(struct trw_ranges *rs, uint64_t off, uint64_t len,
	enum trw_damage why, struct trw_err *err);

/** Index of the first range that ends after off (n when there is none). O(log n). */
size_t trw_ranges_find(const struct trw_ranges *rs, uint64_t off);

/** The worst reason in the set. O(n). */
enum trw_damage trw_ranges_worst(const struct trw_ranges *rs);

/** The bytes with the given reason. O(n). */
uint64_t trw_ranges_total(const struct trw_ranges *rs, enum trw_damage why);

/**
 * Add to `to` what of `from` lies in [off, off + len), moved so that `off` becomes `at`.
 * Errors: as trw_ranges_add.
 */
TRW_NODISCARD enum trw_status trw_ranges_add_part(struct trw_ranges *to,
	const struct trw_ranges *from, uint64_t off, uint64_t len, uint64_t at,
	struct trw_err *err);
