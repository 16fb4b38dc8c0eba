/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Entries as packed records, the equal ones made one: the first half of building a set, before it
 * is known which columns it has. Threads: one owner.
 */
#pragma once

#include "base/spool.h"
#include "hashset/entry.h"
#include "hashset/profiles.h"
#include "base/sort/extsort.h"

struct trw_groups;

/** What came out, for the columns of the set. */
struct trw_groups_sum {
	uint64_t n, n_by_kind[TRW_HASH_N], n_duplicates, n_subtracted;
	uint32_t any_kinds, all_kinds; /* that some, and that all have */
	bool has_size, has_extra;
};

/**
 * One entry that is left. Borrowed until the next is read. extra: the items of layout.h, without
 * the name.
 */
struct trw_group {
	uint32_t kinds;
	const uint8_t *digests; /* in the order of kinds */
	size_t digests_len;
	uint16_t profile; /* number in trw_profiles */
	uint64_t size;
	const uint8_t *extra, *name;
	size_t extra_len, name_len;
};

/** memory: bytes at most. profiles and folder are borrowed. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_groups_new(struct trw_profiles *profiles, uint64_t memory,
	unsigned n_threads, const char *folder, struct trw_groups **out, struct trw_err *err);
void trw_groups_free(struct trw_groups *g); /* NULL is fine */

/**
 * Add an entry, or take one away. Errors: TRW_ENOMEM, TRW_EIO, TRW_ELIMIT; g is then good for
 * nothing but free.
 */
TRW_NODISCARD enum trw_status trw_groups_add(struct trw_groups *g, const struct trw_entry *entry,
	bool is_subtracted, struct trw_err *err);

/** Nothing more comes. Marks the profiles that are used. Errors: as above, TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_groups_seal(
	struct trw_groups *g, struct trw_groups_sum *out, struct trw_err *err);

/** The next, in no order that means anything. TRW_END after the last. Errors: TRW_EIO. */
TRW_NODISCARD enum trw_status trw_groups_next(
	struct trw_groups *g, struct trw_group *out, struct trw_err *err);

/** Bytes of all digests of these kinds. */
size_t trw_groups_digests_len(uint32_t kinds);
