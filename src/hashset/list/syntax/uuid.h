/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Version 5 UUIDs (RFC 9562, section 5.5): the same name in the same namespace is the same UUID,
 * everywhere and for ever.
 */
#pragma once

#include "hashset/entry.h"

struct trw_uuid {
	uint8_t bytes[16];
};

#define TRW_UUID_TEXT 37 /* with the NUL */

/** What trowel names lives in here. Never change it: exports would come out as new objects. */
extern const struct trw_uuid trw_uuid_trowel;

void trw_uuid_v5(const struct trw_uuid *space, const void *name, size_t n, struct trw_uuid *out);

/**
 * Of an entry: of its digests, and of how many neighbours before it in the set have the same ones.
 */
void trw_uuid_of_entry(const struct trw_uuid *space, const struct trw_entry *e, uint64_t nth,
	struct trw_uuid *out);

/** "886313e1-3b8a-5372-9b90-0c9aee199e5d" */
void trw_uuid_text(const struct trw_uuid *uuid, char out[TRW_UUID_TEXT]);

/**
 * Finds the neighbours: entries in the order of rows, where those of the same digests are side by
 * side. All-zero at the start.
 */
struct trw_uuid_twins {
	uint32_t kinds;
	uint8_t digest[TRW_HASH_N][TRW_HASH_SIZE_MAX];
	uint64_t nth;
};
/** For the next entry: how many right before it have its digests. */
uint64_t trw_uuid_twin(struct trw_uuid_twins *t, const struct trw_entry *e);
