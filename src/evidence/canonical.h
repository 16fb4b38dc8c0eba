/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Digests over the database. The canonical digest covers what a repeat of the run must reproduce; the record
 * digest covers the rest (who, when, where), so that together no row can change unnoticed.
 */
#pragma once

#include "evidence/store.h"

#define TRW_CANONICAL_SLICED 3 /* tables that are digested in slices: slices.h */

struct trw_canonical_slices {
	uint8_t digests[TRW_CANONICAL_SLICED][32];
};

/**
 * What takes long: the digests of file, extent and content. A handle that writes must have just committed, and
 * must not write these tables before the digests are used.
 */
TRW_NODISCARD enum trw_status trw_canonical_slices(
	struct trw_evidence *ev, struct trw_canonical_slices *out, struct trw_err *err);

/** "run=1 status=complete canonical=<hex> canonical.run=<hex> ... record=<hex> ...": heap, for the audit chain. */
TRW_NODISCARD enum trw_status trw_canonical_detail(struct trw_evidence *ev, int64_t run_id,
	const char *run_status, const struct trw_canonical_slices *slices, char **out,
	struct trw_err *err);

/** TRW_ECORRUPT, naming the table, unless those that matching writes to are what the detail says. */
TRW_NODISCARD enum trw_status trw_canonical_confirm(
	struct trw_evidence *ev, const char *detail, struct trw_err *err);

/**
 * The same for all tables and the last detail of the audit chain. For who will attest them anew: what somebody changed before must
 * not become right by it. Commits, and costs what trw_canonical_slices does. Errors also: TRW_ECORRUPT when there is no such detail.
 */
TRW_NODISCARD enum trw_status trw_canonical_confirm_all(
	struct trw_evidence *ev, struct trw_err *err);

/**
 * The detail again, after a matching session: digests of the tables that matching writes to are new, all others
 * are those of the old one, computed or not. Errors also: TRW_ECORRUPT for a detail that lacks one.
 */
TRW_NODISCARD enum trw_status trw_canonical_renew(
	struct trw_evidence *ev, const char *detail, char **out, struct trw_err *err);
