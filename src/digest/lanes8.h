/* SPDX-License-Identifier: Apache-2.0 */
/* What the 8-lane kernels of wide_avx2.c and wide_avx512vl.c have in common; V_TARGET is the includer's. */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define V __m256i
#define V_LANES 8
#define V_SET1(x) _mm256_set1_epi32((int)(x))
#define V_ADD(x, y) _mm256_add_epi32(x, y)
#define V_XOR(x, y) _mm256_xor_si256(x, y)
#define V_SHR(x, n) _mm256_srli_epi32(x, n)
#define V_BSWAP(x)                                                                                 \
	_mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(                                        \
				       _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203)))

static inline __attribute__((always_inline)) V_TARGET __m256i
two_quarters(const uint8_t *low, const uint8_t *high)
{
	return _mm256_inserti128_si256(
		_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low)),
		_mm_loadu_si128((const __m128i *)(const void *)high), 1);
}

/* Four words at a time: two rows in one register, then a transposition within each half. */
static inline __attribute__((always_inline)) V_TARGET void
load_words(__m256i *w, const uint8_t *const *p, size_t off)
{
	for (size_t quarter = 0; quarter < 4; quarter++, w += 4, off += 16) {
		__m256i a = two_quarters(p[0] + off, p[4] + off);
		__m256i b = two_quarters(p[1] + off, p[5] + off);
		__m256i c = two_quarters(p[2] + off, p[6] + off);
		__m256i d = two_quarters(p[3] + off, p[7] + off);
		__m256i ab0 = _mm256_unpacklo_epi32(a, b), ab2 = _mm256_unpackhi_epi32(a, b);
		__m256i cd0 = _mm256_unpacklo_epi32(c, d), cd2 = _mm256_unpackhi_epi32(c, d);
		w[0] = _mm256_unpacklo_epi64(ab0, cd0);
		w[1] = _mm256_unpackhi_epi64(ab0, cd0);
		w[2] = _mm256_unpacklo_epi64(ab2, cd2);
		w[3] = _mm256_unpackhi_epi64(ab2, cd2);
	}
}
