/* SPDX-License-Identifier: Apache-2.0 */
/** The rule by which content_id follows from a content, for the writer and for verify. */
#pragma once

#include "evidence/encode.h"

#define TRW_CONTENT_ID_MASK ((INT64_C(1) << 62) - 1)

/** The id where a content belongs when no other row has taken it. */
int64_t trw_content_id(struct trw_evidence *ev, const struct trw_evidence_content *content);
