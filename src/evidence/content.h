/* SPDX-License-Identifier: Apache-2.0 */
/** Contents: the rule by which content_id follows from one, and the rows that wait for the commit. */
#pragma once

#include "evidence/encode.h"

#define TRW_CONTENT_ID_MASK ((INT64_C(1) << 62) - 1)

/** What equal contents have in common: the low 62 bits of a SHA-256 (trowel-db(5)). Not proof that two are equal. */
int64_t trw_content_id(const struct trw_evidence_content *content);

/**
 * Write the rows that trw_evidence_content_set and trw_evidence_hit_add have held back: to be called before anything looks at table
 * content, and before a commit. Errors: as evidence.h; the rows are then lost and ev is broken.
 */
TRW_NODISCARD enum trw_status trw_contents_flush(struct trw_evidence *ev, struct trw_err *err);
void trw_contents_clear(struct trw_evidence *ev);
