/* SPDX-License-Identifier: Apache-2.0 */
/** A growable byte buffer with little-endian writers, and the cursor that reads such bytes back. */
#pragma once

#include "base/status.h"

/** Bytes that lie elsewhere. */
struct trw_bytes {
	const uint8_t *p; /* borrowed */
	size_t n;
};

/** All-zero is the empty buffer without a limit. */
struct trw_buf {
	uint8_t *v; /* owned */
	size_t n, cap;
	size_t max; /* bytes; 0 = no limit */
};

void trw_buf_clear(struct trw_buf *b); /* frees; b is then the empty buffer with the same max */

/** Append. Errors: TRW_ELIMIT past max, TRW_ENOMEM; b is then unchanged. */
TRW_NODISCARD enum trw_status trw_buf_put(
	struct trw_buf *b, const void *p, size_t len, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_buf_u8(struct trw_buf *b, uint8_t v, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_buf_u32(struct trw_buf *b, uint32_t v, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_buf_u64(struct trw_buf *b, uint64_t v, struct trw_err *err);

/**
 * Reads what the writers wrote, from bytes that may be hostile. The first read past the end sets bad,
 * and every read from then on returns 0 or an empty range: check bad once, at the end.
 */
struct trw_cur {
	const uint8_t *p; /* borrowed */
	size_t left;
	bool bad;
};

uint8_t trw_cur_u8(struct trw_cur *c);
uint32_t trw_cur_u32(struct trw_cur *c);
uint64_t trw_cur_u64(struct trw_cur *c);
/** A range behind its u32 length, borrowed from the bytes under c; *len is 0 when it is bad or past max. */
const uint8_t *trw_cur_bytes(struct trw_cur *c, size_t max, size_t *len);
