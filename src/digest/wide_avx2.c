/* SPDX-License-Identifier: Apache-2.0 */
/* 8 lanes in AVX2. */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define V_TARGET __attribute__((target("avx2")))
#define V_XOR3(x, y, z) _mm256_xor_si256(_mm256_xor_si256(y, z), x)
/* x is what comes last in MD5's chain: as little as possible waits for it. */
#define V_CH(x, y, z) _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(y, z), x), z)
#define V_MAJ(x, y, z)                                                                             \
	_mm256_or_si256(_mm256_and_si256(x, _mm256_or_si256(y, z)), _mm256_and_si256(y, z))
#define V_MD5_I(x, y, z)                                                                           \
	_mm256_xor_si256(_mm256_or_si256(_mm256_xor_si256(z, _mm256_set1_epi32(-1)), x), y)
#define V_ROL(x, n) _mm256_or_si256(_mm256_slli_epi32(x, n), _mm256_srli_epi32(x, 32 - (n)))
#define V_ORDER(x) __asm__("" : "+x"(x))
#define WIDE trw_avx2_wide

#include "digest/lanes8.h"
#include "digest/wide.h"
#endif
