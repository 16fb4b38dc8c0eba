/* SPDX-License-Identifier: Apache-2.0 */
/** Extents: the pieces that make up one data stream, in stream order. */
#pragma once

#include "base/status.h"

#define TRW_EXTENTS_MAX ((size_t)1 << 20) /* per stream; a longer run list is hostile */

/** Stored in databases: never renumber. */
enum trw_extent_kind {
	TRW_EXTENT_DATA = 0,   /* bytes of the image */
	TRW_EXTENT_HOLE = 1,   /* sparse: the file system reads zeros */
	TRW_EXTENT_UNINIT = 2, /* past the initialised size: the file system reads zeros */
	TRW_EXTENT_LOST = 3    /* the file system does not say where these bytes are */
};

struct trw_extent {
	uint64_t off; /* bytes from the start of the image; 0 unless kind is DATA */
	uint64_t len; /* bytes, never 0 */
	enum trw_extent_kind kind;
};

/** All-zero is the empty list. No two neighbours touch with the same kind; total is the sum of every len. */
struct trw_extents {
	struct trw_extent *v; /* owned */
	size_t n, cap;
	uint64_t total; /* bytes */
};

void trw_extents_clear(struct trw_extents *xs); /* frees; xs is then empty */

/**
 * Append len bytes, merging with the last extent where they continue it. len 0 adds nothing.
 * Errors: TRW_ECORRUPT when a sum passes 63 bits, TRW_ELIMIT past TRW_EXTENTS_MAX, TRW_ENOMEM; xs is then
 * unchanged. Threads: one owner at a time.
 */
TRW_NODISCARD enum trw_status trw_extents_add(struct trw_extents *xs, enum trw_extent_kind kind,
	uint64_t off, uint64_t len, struct trw_err *err);

/** Cut the list to its first `len` bytes (no effect when it is shorter). */
void trw_extents_cut(struct trw_extents *xs, uint64_t len);
