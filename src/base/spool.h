/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Bytes that are appended once and read back by their offset: in memory up to a limit, behind it in a temporary
 * file. Threads: one owner at a time.
 */
#pragma once

#include "base/buf.h"

#include "base/temp.h"

/** What lies where: [0, head.n) in head, then temp.n bytes in the file, then tail. */
struct trw_spool {
	struct trw_buf head;
	struct trw_buf tail; /* not yet written */
	struct trw_temp temp;
	uint64_t n; /* bytes in all */
};

/** An empty spool that holds at most `memory` bytes in memory; folder: for the temporary file, borrowed. */
struct trw_spool trw_spool_begin(uint64_t memory, const char *folder);
void trw_spool_clear(struct trw_spool *s); /* all-zero is fine */

/**
 * Append len bytes; they begin at what s->n was before. Errors: TRW_ENOMEM, TRW_EIO (trw_temp_append); the spool
 * is then good for nothing but clear.
 */
TRW_NODISCARD enum trw_status trw_spool_put(
	struct trw_spool *s, const void *p, size_t len, struct trw_err *err);

/** Read len bytes at off, all of which were put. Errors: TRW_EIO (trw_temp_read). */
TRW_NODISCARD enum trw_status trw_spool_get(
	const struct trw_spool *s, uint64_t off, void *p, size_t len, struct trw_err *err);
