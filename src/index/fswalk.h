/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The walk of one file system: frames of a walk worker become rows and digest tasks. An item that a worker dies
 * over is tried once more by a fresh one, and passed over when that one dies too.
 */
#pragma once

#include "index/feed.h"

/* Items that end two workers, and of them those over which the second hangs, before a walk is given up. */
#define TRW_WALK_DEATHS_MAX 64
#define TRW_WALK_HANGS_MAX 8

/** Where and how to walk. */
struct trw_fswalk_spec {
	int64_t volume_id;
	struct trw_fs_where where;
	bool is_forced, is_ambiguous;
	uint64_t quiet_max_ns;
};

/** What came of it. */
struct trw_fswalk_result {
	bool is_open;           /* a FILESYSTEM frame came: rows are on their way */
	bool has_died;          /* before that the worker died; text says how */
	enum trw_status failed; /* status of a FAILED answer before that, else TRW_OK */
	int64_t filesystem_id;
	uint64_t n_files;
	char type[64];
	enum trw_family family;
	char text[TRW_ERR_TEXT_MAX]; /* why it did not open */
};

/**
 * Walk. *worker is used when it is not NULL, and is what is left afterwards: NULL, or one that can take
 * another request. Errors: those that end a run.
 */
TRW_NODISCARD enum trw_status trw_fswalk_run(struct trw_feed *feed,
	const struct trw_fswalk_spec *spec, struct trw_worker **worker,
	struct trw_fswalk_result *out, struct trw_err *err);
