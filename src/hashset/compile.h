/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From entries that are each there once to the sections of a .tset file: the second half of
 * building a set.
 */
#pragma once

#include "hashset/groups.h"
#include "hashset/setfile.h"

struct trw_compile {
	struct trw_setfile *file;       /* borrowed, as all pointers */
	struct trw_tset_header *header; /* class is set; the rest is filled in */
	uint64_t memory;
	unsigned n_threads;
	const char *folder;  /* for temporary files */
	const uint8_t *meta; /* section meta */
	size_t meta_len;
};

/**
 * A set that is digests of one kind and nothing else: keys is sealed, and has them in order, equal
 * ones as often as they came. Errors: TRW_EIO, TRW_ENOMEM, TRW_ELIMIT past TRW_TSET_ROWS_MAX,
 * TRW_ECANCEL; TRW_EUSAGE when there are none.
 */
TRW_NODISCARD enum trw_status trw_compile_keys(const struct trw_compile *c, enum trw_hash_kind kind,
	struct trw_extsort *keys, uint64_t *n_duplicates, struct trw_err *err);

/** A set of any entries. Errors: as above. */
TRW_NODISCARD enum trw_status trw_compile_groups(const struct trw_compile *c,
	struct trw_groups *groups, const struct trw_groups_sum *sum, struct trw_profiles *profiles,
	struct trw_err *err);
