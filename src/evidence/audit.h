/* SPDX-License-Identifier: Apache-2.0 */
/** The audit chain: each row carries the hash of the one before. */
#pragma once

#include "evidence/store.h"

/* The actions whose detail carries the digests. */
#define TRW_AUDIT_RUN_END "run end"
#define TRW_AUDIT_MATCH_END "match end"
#define TRW_AUDIT_ENDS "'" TRW_AUDIT_RUN_END "', '" TRW_AUDIT_MATCH_END "'"

/** (seq, detail) of the last row that has digests. */
#define TRW_AUDIT_LAST_END                                                                         \
	"SELECT seq, detail FROM audit WHERE action IN (" TRW_AUDIT_ENDS                           \
	") ORDER BY seq DESC LIMIT 1"

struct trw_audit_row {
	int64_t seq, at_ns;
	const char *action, *detail; /* borrowed */
};

/** The detail of that row: heap. Errors also: TRW_ECORRUPT when there is none. */
TRW_NODISCARD enum trw_status trw_audit_last_end(
	struct trw_evidence *ev, char **out, struct trw_err *err);

/** SHA-256 over prev and the row: what its hash column must hold. */
void trw_audit_hash(const uint8_t prev[32], const struct trw_audit_row *row, uint8_t out[32]);
