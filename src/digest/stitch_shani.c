/* SPDX-License-Identifier: Apache-2.0 */
/* MD5 in general registers, SHA-1 and SHA-256 by the SHA extensions. */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include "base/bytes.h"

#define STITCH_TARGET __attribute__((target("sha,ssse3,sse4.1")))
#define MD5V uint32_t
#define MD5V_GET(x) (x)
#define MD5V_PUT(v) (v)
#define MD5V_ADD(x, y) ((x) + (y))
#define MD5V_OPERAND(v) "+r"(v)

/*
 * The empty assembly keeps the compiler from adding in another order: what doesn't wait for b is added first, so that
 * the chain through b is as short as can be. G as a sum of two terms without common bits: only one of them waits.
 */
#define ORDER(x) __asm__("" : MD5V_OPERAND(x))
#define STEP(early, late, a, b, w, s, i)                                                           \
	do {                                                                                       \
		a += trw_le32(p + 4 * (w)) + md5_k[i] + (early);                                   \
		ORDER(a);                                                                          \
		a += (late);                                                                       \
		a = a << (s) | a >> (32 - (s));                                                    \
		ORDER(a);                                                                          \
		a += b;                                                                            \
		ORDER(a);                                                                          \
	} while (0)
#define MD5_F(a, b, c, d, w, s, i) STEP(0, (((c) ^ (d)) & (b)) ^ (d), a, b, w, s, i)
#define MD5_G(a, b, c, d, w, s, i) STEP((c) & ~(d), (b) & (d), a, b, w, s, i)
#define MD5_H(a, b, c, d, w, s, i) STEP(0, ((c) ^ (d)) ^ (b), a, b, w, s, i)
#define MD5_I(a, b, c, d, w, s, i) STEP(0, (c) ^ ((b) | ~(d)), a, b, w, s, i)

#include "digest/stitch.h"

STITCH(trw_shani_m, TRW_MD5)
STITCH(trw_shani_s1, TRW_SHA1)
STITCH(trw_shani_m_s1, TRW_MD5 | TRW_SHA1)
STITCH(trw_shani_s2, TRW_SHA256)
STITCH(trw_shani_m_s2, TRW_MD5 | TRW_SHA256)
STITCH(trw_shani_s1_s2, TRW_SHA1 | TRW_SHA256)
STITCH(trw_shani_m_s1_s2, TRW_DIGEST_ALL)
#endif
