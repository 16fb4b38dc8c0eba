/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Records of bytes in order, however many there are: sorted in memory, and past a limit in sorted runs of a temporary file that are
 * merged as they are taken. Threads: one owner; it sorts with threads of its own.
 */
#pragma once

#include "base/status.h"

struct trw_extsort;

#define TRW_EXTSORT_MEMORY_MIN ((uint64_t)64 << 10)
#define TRW_EXTSORT_RECORD_MAX ((size_t)32 << 20) /* bytes of one record */

struct trw_extsort_options {
	size_t size; /* of every record: one of trw_keysort; 0: each has a length of its own */
	uint64_t
		memory; /* bytes to hold at most; at least TRW_EXTSORT_MEMORY_MIN is taken for granted, none before it is needed */
	unsigned n_threads; /* at least 1 */
	const char *folder; /* for the temporary file; borrowed until free */
};

/** Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_extsort_new(
	const struct trw_extsort_options *options, struct trw_extsort **out, struct trw_err *err);
void trw_extsort_free(struct trw_extsort *s); /* NULL is fine */

/**
 * n records of the fixed size, one behind the other. They go by memcmp. Not after seal. Errors: TRW_ENOMEM, TRW_EIO; s is then good for
 * nothing but free.
 */
TRW_NODISCARD enum trw_status trw_extsort_put_keys(
	struct trw_extsort *s, const uint8_t *keys, size_t n, struct trw_err *err);

/**
 * A record of any length, from 1 to TRW_EXTSORT_RECORD_MAX bytes. Records go by prefix, then by memcmp, then the shorter first. prefix should be
 * evenly spread, as the first bytes of a digest are. Errors: as above; TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_extsort_put(
	struct trw_extsort *s, uint64_t prefix, const void *p, size_t n, struct trw_err *err);

/** No more puts. Errors: as above. */
TRW_NODISCARD enum trw_status trw_extsort_seal(struct trw_extsort *s, struct trw_err *err);

/** Bytes that it holds from here on at most. */
uint64_t trw_extsort_memory(const struct trw_extsort *s);

/** The least record that is left, borrowed until the next call. TRW_END after the last. */
TRW_NODISCARD enum trw_status trw_extsort_next(
	struct trw_extsort *s, const uint8_t **p, size_t *n, struct trw_err *err);
