/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a volume or a file system has its bytes: what its offsets are counted in, and how to come from there to the image.
 * Rows, requests and plans carry a space whole; only who opens it looks inside. A new kind (decrypted, logical, a
 * snapshot: view/view.h) is one more value here, with what it takes to open it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum trw_space_kind {
	TRW_SPACE_LINEAR = 0, /* a range of the image; off and len 0: all of it */
	TRW_SPACE_POOL_VOLUME /* a volume of the APFS container that lies in the range */
};

/** All-zero is the whole image. */
struct trw_space {
	enum trw_space_kind kind;
	uint64_t off, len;   /* bytes of the image; len 0: to its end */
	uint64_t pool_block; /* of a pool's volume: its superblock, never 0; else 0 */
};

/** As the database and the wire have it: pool_block 0 is a range, all others are a pool's volume. */
struct trw_space trw_space_at(uint64_t off, uint64_t len, uint64_t pool_block);

bool trw_space_equal(const struct trw_space *a, const struct trw_space *b);
