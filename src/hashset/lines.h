/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writes the line index of one kind (layout.h) from its digests in order: one pass, one line in
 * memory.
 */
#pragma once

#include "hashset/setfile.h"

struct trw_lines {
	struct trw_setfile *file; /* borrowed; section of the index is open */
	uint64_t n_lines, bucket;
	uint32_t position;
	unsigned n_tags;
	uint8_t line[TRW_TSET_LINE];
};

/** The lines that n positions need. */
uint64_t trw_lines_count(uint64_t n);

void trw_lines_start(struct trw_lines *l, struct trw_setfile *file, uint64_t n);
/** The next digest, not below the one before. Errors: those of trw_setfile_put. */
TRW_NODISCARD enum trw_status trw_lines_put(
	struct trw_lines *l, const uint8_t *digest, struct trw_err *err);
/** After the last: the lines that are left, and the ending one. */
TRW_NODISCARD enum trw_status trw_lines_end(struct trw_lines *l, struct trw_err *err);
