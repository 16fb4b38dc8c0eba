/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The export as a whole: a compiled set out to a list in one of the formats that others read. The same set gives the same
 * bytes. What a format can't carry is left out and counted, never in silence. Threads: one owner.
 */
#pragma once

#include "base/replace.h"
#include "hashset/list/contract/left.h"
#include "hashset/set.h"

struct trw_export_options {
	const char *set_path;      /* opened and checked */
	const struct trw_set *set; /* or this one, which is open; checked as well; NULL */
	const char *format;        /* see trw_format_named */
	struct trw_target target;  /* a file; a folder, where the format is one; path "-" */
	int fd;                    /* for path "-": open for writing, stays open */
	enum trw_hash_kind kind;   /* as in struct trw_export: TRW_HASH_N = the primary one */
	double filter_rate;        /* the same: 0 = the default */
};

struct trw_export_result {
	uint64_t n_entries, n_written; /* of the set; of them in the output */
	uint64_t n_bytes;              /* of a file; 0 for a folder */
	bool is_folder;
	struct trw_left left[TRW_LEFT_MAX];
	size_t n_left;
};

/**
 * Write it. Files and folders appear at the path when they are complete. Errors: TRW_EUSAGE: no such format, or one that is
 * only read; a kind that the set lacks; nothing that the format could carry. TRW_ECANCEL; those of trw_replace_open,
 * trw_replace_finish, trw_set_open and trw_set_check. The path is then as it was.
 */
TRW_NODISCARD enum trw_status trw_export_run(const struct trw_export_options *options,
	struct trw_export_result *out, struct trw_err *err);
