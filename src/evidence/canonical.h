/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Digests over the database. The canonical digest covers what a repeat of the run must reproduce; the record
 * digest covers the rest (who, when, where), so that together no row can change unnoticed.
 */
#pragma once

#include "evidence/encode.h"

/** "run=1 status=complete canonical=<hex> canonical.run=<hex> ... record=<hex> ...": heap, for the audit chain. */
TRW_NODISCARD enum trw_status trw_canonical_detail(struct trw_evidence *ev, int64_t run_id,
	const char *run_status, char **out, struct trw_err *err);
