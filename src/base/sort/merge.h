/* SPDX-License-Identifier: Apache-2.0 */
/** Sorted runs of records in a temporary file, merged as they are taken; for extsort. Threads: one owner. */
#pragma once

#include "base/buf.h"
#include "base/temp.h"

/** What stands before each record that has a length of its own: u64 prefix, big endian, u32 length. */
#define TRW_MERGE_HEAD 12
#define TRW_MERGE_RECORD_MAX ((size_t)32 << 20) /* bytes */

struct trw_merge_run;

/** All-zero but for size, memory and the folder of temp is one without runs. */
struct trw_merge {
	size_t size;     /* of every record, at least 8; 0: each has a head */
	uint64_t memory; /* bytes for buffers; one record of each run is held in any case */
	struct trw_temp temp;
	struct trw_buf out;         /* of the run that is being written */
	struct trw_merge_run *runs; /* owned */
	size_t n_runs, cap_runs;
	struct trw_merge_run **heap; /* owned; runs that have a record left, the least first */
	size_t n_heap;
	bool is_taken; /* the record of heap[0] was handed out */
};

void trw_merge_clear(struct trw_merge *m);

/** Begin a run, put its records in order, each with its head if it has one, end it. Errors: TRW_ENOMEM, TRW_EIO. */
TRW_NODISCARD enum trw_status trw_merge_run_begin(struct trw_merge *m, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_merge_run_put(
	struct trw_merge *m, const void *p, size_t n, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_merge_run_end(struct trw_merge *m, struct trw_err *err);

/** No more runs. Errors: as above. */
TRW_NODISCARD enum trw_status trw_merge_start(struct trw_merge *m, struct trw_err *err);

/** Bytes of the buffers from here on, where no record is longer than one of them. */
uint64_t trw_merge_memory(const struct trw_merge *m);

/** The least record that is left, without its head, borrowed until the next call. TRW_END after the last. Errors: as above. */
TRW_NODISCARD enum trw_status trw_merge_next(
	struct trw_merge *m, const uint8_t **p, size_t *n, struct trw_err *err);

/** Below, at or above 0: by memcmp, then the shorter first. */
int trw_merge_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);
