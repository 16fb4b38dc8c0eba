/* SPDX-License-Identifier: Apache-2.0 */
/** Contents: the rule by which content_id follows from one. */
#pragma once

#include "evidence/store.h"
#include "evidence/put.h"

#define TRW_CONTENT_ID_MASK ((INT64_C(1) << 62) - 1)

/** What equal contents have in common: the low 62 bits of a SHA-256 (trowel-db(5)). Not proof that two are equal. */
int64_t trw_content_id(const struct trw_content_row *content);
