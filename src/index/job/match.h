/* SPDX-License-Identifier: Apache-2.0 */
/** The job of `trowel match`: a finished database against hash sets, as a session of its own; no image is needed. */
#pragma once

#include "evidence/evidence.h"

/** Everything is borrowed for the call. */
struct trw_index_match_options {
	const char *db;
	const char *const *sets; /* compiled sets; at least one */
	size_t n_sets;
	const char *const *alerts; /* "SCHEME:CATEGORY,...": what of a hit is an alert */
	size_t n_alerts;
	const char *examiner, *host; /* may be NULL */
	const char *sandbox; /* what this process is held by, for the audit chain; may be NULL */
};

/** What came of one set. Borrowed until the callback returns. */
struct trw_index_matched {
	const char *path;
	const char *name, *version;   /* "" = not said */
	uint64_t n_entries, n_usable; /* usable: those that can hit at all */
	struct trw_evidence_counts counts;
	/* The same for every set: streams that no set can find, and those that one finds only as they were read. */
	uint64_t n_undigested, n_damaged;
	const char *unmet; /* trw_setlist_unmet */
};
typedef void (*trw_index_matched_take)(void *ctx, const struct trw_index_matched *set);

/**
 * Look up every content of the database in the sets, record the session, and tell what came of each set. All or nothing: after a
 * failure, an interrupt (TRW_ECANCEL) or a kill the database is as it was. Errors: those of the sets and the policy
 * (setlist.h); TRW_EUSAGE for a database whose last run is not complete; TRW_EDB, TRW_ENOMEM, TRW_ECORRUPT.
 */
TRW_NODISCARD enum trw_status trw_index_match(const struct trw_index_match_options *options,
	trw_index_matched_take take, void *ctx, struct trw_err *err);
