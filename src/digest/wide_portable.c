/* SPDX-License-Identifier: Apache-2.0 */
/* 4 lanes in the compiler's vectors: SSE2, NEON, AltiVec, or plain integers where the machine has none. */
#include "base/bytes.h"

#include <stddef.h>

typedef uint32_t lanes4 __attribute__((vector_size(16)));

#define V lanes4
#define V_LANES 4
#define V_TARGET
#define V_SET1(x) ((lanes4){x, x, x, x})
#define V_ADD(x, y) ((x) + (y))
#define V_XOR(x, y) ((x) ^ (y))
#define V_XOR3(x, y, z) ((y) ^ (z) ^ (x))
#define V_CH(x, y, z) ((((y) ^ (z)) & (x)) ^ (z))
#define V_MAJ(x, y, z) (((x) & ((y) | (z))) | ((y) & (z)))
#define V_MD5_I(x, y, z) ((~(z) | (x)) ^ (y))
#define V_ROL(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define V_SHR(x, n) ((x) >> (n))
#define V_BSWAP(x) ((x) << 24 | ((x)&0xff00) << 8 | ((x) >> 8 & 0xff00) | (x) >> 24)
#define V_ORDER(x) ((void)(x))
#define WIDE trw_portable_wide

static inline __attribute__((always_inline)) void
load_words(lanes4 *w, const uint8_t *const *p, size_t off)
{
	for (size_t i = 0; i < 16; i++, off += 4)
		w[i] = (lanes4){trw_le32(p[0] + off), trw_le32(p[1] + off), trw_le32(p[2] + off),
			trw_le32(p[3] + off)};
}

#include "digest/wide.h"
