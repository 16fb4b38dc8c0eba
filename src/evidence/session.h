/* SPDX-License-Identifier: Apache-2.0 */
/** Matching sessions: how one ends, and what its counts must be. The API is in evidence.h. */
#pragma once

#include "evidence/store.h"

/** (hashset_id, n_match, n_conflict, n_damaged, n_alert, n_excluded, n_unrecorded) of the session ?1, for sets that have hits. */
#define TRW_SESSION_COUNTS                                                                                                                  \
	"SELECT entry_id >> 32 AS hashset_id, sum(verdict = 'match') AS n_match,"                                                           \
	" sum(verdict = 'conflict') AS n_conflict, sum(verdict = 'damaged') AS n_damaged,"                                                  \
	" sum(is_alert) AS n_alert, sum(is_excluded) AS n_excluded, sum(n_unrecorded) AS n_unrecorded FROM hit WHERE session_id = ?1 GROUP" \
	" BY 1"

/** Count what came of it; status: as trw_evidence_run_end. */
TRW_NODISCARD enum trw_status trw_session_end(
	struct trw_evidence *ev, int64_t session_id, const char *status, struct trw_err *err);

/** The same for the session of a run, if it has one. */
TRW_NODISCARD enum trw_status trw_session_end_run(
	struct trw_evidence *ev, int64_t run_id, const char *status, struct trw_err *err);
