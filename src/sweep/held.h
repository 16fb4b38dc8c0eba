/* SPDX-License-Identifier: Apache-2.0 */
/** Copies of pieces that came before their turn, by where they lie in their stream. Threads: one owner at a time. */
#pragma once

#include "base/status.h"

struct trw_held_piece {
	uint64_t at; /* bytes of the stream */
	size_t len;
	uint8_t *bytes; /* owned */
};

/** All-zero holds nothing. */
struct trw_held {
	struct trw_held_piece *v; /* owned; a heap: the piece with the least at is v[0] */
	size_t n, cap;
};

/** Copy len bytes in. Errors: TRW_ENOMEM; nothing is then held in addition. */
TRW_NODISCARD enum trw_status trw_held_add(
	struct trw_held *h, uint64_t at, const uint8_t *bytes, size_t len, struct trw_err *err);
/** Take the first piece out; its bytes are the caller's. h is not empty. */
struct trw_held_piece trw_held_pop(struct trw_held *h);
void trw_held_clear(struct trw_held *h);
