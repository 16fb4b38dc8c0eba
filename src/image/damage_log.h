/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The damage that reads of an image have met. Each range is reported until a report of it succeeds: a resumed
 * run has to know of all damage that outcomes on record may come of.
 *
 *   met by a read --> seen, for good
 *               \---> unreported --(a report begins)--> reporting --(it succeeds)--> gone
 *                                                           \------(it fails)------> given to the next report
 *
 * Threads: any, all functions but init and clear.
 */
#pragma once

#include "base/range.h"

#include <pthread.h>

struct trw_damage_log {
	pthread_mutex_t mu;
	pthread_cond_t idle;          /* no report is under way any more */
	struct trw_ranges seen;       /* guarded by mu */
	struct trw_ranges unreported; /* guarded by mu; part of seen */
	bool is_reporting;            /* guarded by mu: a report is under way */
	struct trw_ranges reporting;  /* owner: the thread that set is_reporting */
};

TRW_NODISCARD enum trw_status trw_damage_log_init(struct trw_damage_log *log, struct trw_err *err);
void trw_damage_log_clear(struct trw_damage_log *log); /* frees; of one that was initialised */

/** A read has met these. A range that was seen before as a whole, as bad or worse, is no news. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_damage_log_meet(
	struct trw_damage_log *log, const struct trw_ranges *met, struct trw_err *err);

/** An earlier run has met these, and they are on record: seen, and never reported. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_damage_log_recall(
	struct trw_damage_log *log, const struct trw_ranges *met, struct trw_err *err);

/** Add to out all that was seen. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_damage_log_seen(
	struct trw_damage_log *log, struct trw_ranges *out, struct trw_err *err);

/**
 * Hand to take what is unreported; it is not called when there is nothing. All that was met before this call has gone
 * through a take that succeeded when it returns TRW_OK. One report is under way at a time and the others wait for its
 * end, but no lock is held while take runs. Linear in what is new. Errors: of take.
 */
TRW_NODISCARD enum trw_status trw_damage_log_report(struct trw_damage_log *log,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err);
