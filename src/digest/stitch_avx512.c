/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MD5 in vector registers: any of its functions is one vpternlogd, which makes a step 4 cycles instead of 4.5. Alone
 * and with SHA-1 that wins; with SHA-256 the vector ports become crowded, and general registers are better.
 */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define STITCH_TARGET __attribute__((target("sha,ssse3,sse4.1,avx512f,avx512vl")))
#define MD5V __m128i
#define MD5V_GET(x) _mm_cvtsi32_si128((int)(x))
#define MD5V_PUT(v) ((uint32_t)_mm_cvtsi128_si32(v))
#define MD5V_ADD(x, y) _mm_add_epi32(x, y)
#define MD5V_OPERAND(v) "+v"(v)

static inline __attribute__((always_inline)) STITCH_TARGET __m128i
broadcast(const void *p)
{
	int32_t x;

	memcpy(&x, p, sizeof(x));
	return _mm_set1_epi32(x);
}

/* The empty assembly keeps the compiler from adding in another order: what doesn't wait for b is added first. */
#define ORDER(x) __asm__("" : MD5V_OPERAND(x))
#define STEP(table, a, b, c, d, w, s, i)                                                           \
	do {                                                                                       \
		__m128i t_ = _mm_add_epi32(a, broadcast(p + 4 * (w)));                             \
		ORDER(t_);                                                                         \
		t_ = _mm_add_epi32(t_, _mm_set1_epi32((int)md5_k[i]));                             \
		ORDER(t_);                                                                         \
		t_ = _mm_rol_epi32(_mm_add_epi32(t_, _mm_ternarylogic_epi32(b, c, d, table)), s);  \
		ORDER(t_);                                                                         \
		a = _mm_add_epi32(t_, b);                                                          \
		ORDER(a);                                                                          \
	} while (0)
#define MD5_F(a, b, c, d, w, s, i) STEP(0xca, a, b, c, d, w, s, i)
#define MD5_G(a, b, c, d, w, s, i) STEP(0xe4, a, b, c, d, w, s, i)
#define MD5_H(a, b, c, d, w, s, i) STEP(0x96, a, b, c, d, w, s, i)
#define MD5_I(a, b, c, d, w, s, i) STEP(0x39, a, b, c, d, w, s, i)

#include "digest/stitch.h"

STITCH(trw_avx512_m, TRW_MD5)
STITCH(trw_avx512_m_s1, TRW_MD5 | TRW_SHA1)
#endif
