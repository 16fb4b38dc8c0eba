/* SPDX-License-Identifier: Apache-2.0 */
/** The state of a digest under way, which digest.h drives and the kernels compute in; and digests that are done. */
#pragma once

#include <stdint.h>

#define TRW_DIGEST_BLOCK 64 /* bytes; of all three */

struct trw_digests {
	uint8_t md5[16], sha1[20], sha256[32];
};

enum { /* sets of algorithms */
	TRW_MD5 = 1,
	TRW_SHA1 = 2,
	TRW_SHA256 = 4,
	TRW_DIGEST_ALL = 7
};

/** Set up with trw_digest_start. Only files of this folder look inside. */
struct trw_digester {
	uint32_t md5[4], sha1[5], sha256[8]; /* chaining values, after the last whole block */
	uint64_t len;                        /* bytes so far */
	unsigned algorithms; /* that are computed; the others' values stay as they are */
	uint8_t tail
		[TRW_DIGEST_BLOCK]; /* the first len % 64 bytes: not yet in the chaining values */
};
