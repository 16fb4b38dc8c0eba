/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Digests of the tables that have a row or more for each file, slice by slice, so that several threads can
 * share the work. A slice is the rows of TRW_SLICE_FILES consecutive file ids, and what it is digested to does not
 * depend on the others; the definition is in trowel-db(5), "Canonical digest".
 */
#pragma once

#include "evidence/store.h"

#define TRW_SLICE_FILES ((int64_t)16384) /* part of the definition */

struct trw_sliced {
	const char *name; /* of the table, which has a column file_id that it is ordered by */
	const char *sql;  /* its rows with a file_id from ?1 to ?2, in order */
};

/**
 * each: for every one of the n tables 32 bytes, the digest of its slices. n_threads: at most so many, on connections
 * of their own; more than one only when ev has written nothing since its last commit. The number changes
 * no digest. Errors: TRW_EDB, TRW_ECORRUPT, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_slices_digest(struct trw_evidence *ev,
	const struct trw_sliced *tables, size_t n, unsigned n_threads, uint8_t (*each)[32],
	struct trw_err *err);
