/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The index job: images in, evidence database out. A walker thread, N hashers, one reader of the whole media
 * and one writer work on an image; images come one after the other.
 */
#pragma once

#include "evidence/evidence.h"
#include "index/sets/alert.h"
#include "index/write/progress.h"
#include "sweep/consumer.h"

#define TRW_INDEX_MEMORY ((uint64_t)1 << 30)      /* default of memory */
#define TRW_INDEX_SPARSE_MAX ((uint64_t)16 << 30) /* default of sparse_max */
#define TRW_INDEX_ITEM_TIMEOUT_NS ((uint64_t)30 * 1000000000)

/** Everything is borrowed for the call. 0 and NULL are the defaults, but for images and output. */
struct trw_index_options {
	const char *const *images; /* files; segments of one set may be given singly or all */
	size_t n_images;
	const char *output; /* the database */
	bool add;           /* the database exists: add to it */
	bool resume;        /* the database exists: go on with its unfinished run, or begin it */
	unsigned jobs;      /* hashers; 0 = the CPUs that are online */
	uint64_t memory;    /* bytes: the plan, evidence that waits, rows for the database */
	const char *const *sets; /* compiled hash sets that contents are looked up in */
	size_t n_sets;
	const char *const *alerts; /* "SCHEME:CATEGORY,...": what of a hit is an alert */
	size_t n_alerts;
	bool no_verify, no_sandbox;
	const char *case_number, *examiner, *evidence_id, *arguments, *host; /* may be NULL */
	const char *sandbox; /* what this process is held by, for the audit chain; may be NULL */
	uint64_t item_timeout_ns; /* a worker that is quiet for so long hangs */
	uint64_t sparse_max;      /* bytes of zeros that one stream may cost to hash */
	uint64_t
		overlap_max; /* bytes that an image's streams may cost to read; 0 = 64 times the image + 64 GiB */
	uint32_t sector_size; /* of raw images */
	struct trw_consumers
		listeners; /* who hears every stream beside the digests, which come first; may be none */
	struct trw_progress *progress; /* may be NULL */
};

struct trw_index_result {
	uint64_t n_files, n_problems;      /* of this run */
	struct trw_evidence_counts counts; /* the same; zeros without sets */
	uint64_t n_unusable;               /* entries of its sets that no content can hit */
	char unmet[TRW_UNMET_SIZE];        /* trw_setlist_unmet of its sets */
	bool cancelled;
};

/**
 * Index the images. The sets are opened and checked before anything is written. A cancelled run is TRW_OK with result->cancelled. Errors: TRW_EUSAGE and whatever opening
 * says before there is a database (none is left behind), then TRW_EDB, TRW_EIO, TRW_ENOMEM, TRW_ESANDBOX with
 * a consistent database whose run says "failed". Damaged evidence is no error. Threads: one run at a time.
 */
TRW_NODISCARD enum trw_status trw_index_run(const struct trw_index_options *options,
	struct trw_index_result *result, struct trw_err *err);
