/* SPDX-License-Identifier: Apache-2.0 */
/* 16 lanes in AVX-512. */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define V __m512i
#define V_LANES 16
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define V_SET1(x) _mm512_set1_epi32((int)(x))
#define V_ADD(x, y) _mm512_add_epi32(x, y)
#define V_XOR(x, y) _mm512_xor_si512(x, y)
#define V_XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define V_CH(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xca)
#define V_MAJ(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xe8)
#define V_MD5_I(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x39)
#define V_ROL(x, n) _mm512_rol_epi32(x, n)
#define V_SHR(x, n) _mm512_srli_epi32(x, n)
#define V_BSWAP(x)                                                                                 \
	_mm512_shuffle_epi8(                                                                       \
		x, _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203)))
#define V_ORDER(x) __asm__("" : "+v"(x))
#define WIDE trw_avx512_wide

static inline __attribute__((always_inline)) V_TARGET __m512i
two_halves(const uint8_t *low, const uint8_t *high)
{
	return _mm512_inserti64x4(
		_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)low)),
		_mm256_loadu_si256((const __m256i *)(const void *)high), 1);
}

/*
 * Words 0 to 3 of the rows in a, transposed within each 128 bits: out[i] has word i of rows 0 to 3 in its first and
 * of rows 4 to 7 in its third quarter; word i + 4 in the others.
 */
static inline __attribute__((always_inline)) V_TARGET void
transpose_4(__m512i *out, const uint8_t *const *p, size_t off)
{
	__m512i a = two_halves(p[0] + off, p[4] + off), b = two_halves(p[1] + off, p[5] + off);
	__m512i c = two_halves(p[2] + off, p[6] + off), d = two_halves(p[3] + off, p[7] + off);
	__m512i ab0 = _mm512_unpacklo_epi32(a, b), ab2 = _mm512_unpackhi_epi32(a, b);
	__m512i cd0 = _mm512_unpacklo_epi32(c, d), cd2 = _mm512_unpackhi_epi32(c, d);

	out[0] = _mm512_unpacklo_epi64(ab0, cd0);
	out[1] = _mm512_unpackhi_epi64(ab0, cd0);
	out[2] = _mm512_unpacklo_epi64(ab2, cd2);
	out[3] = _mm512_unpackhi_epi64(ab2, cd2);
}

/* Two halves of 8 words: loading two rows into one register saves a quarter of the shuffles. */
static inline __attribute__((always_inline)) V_TARGET void
load_words(__m512i *w, const uint8_t *const *p, size_t off)
{
	for (size_t half = 0; half < 2; half++, w += 8, off += 32) {
		__m512i low[4], high[4];
		transpose_4(low, p, off);
		transpose_4(high, p + 8, off);
		for (size_t i = 0; i < 4; i++) {
			w[i] = _mm512_shuffle_i32x4(low[i], high[i], 0x88);
			w[i + 4] = _mm512_shuffle_i32x4(low[i], high[i], 0xdd);
		}
	}
}

#include "digest/wide.h"
#endif
