/* SPDX-License-Identifier: Apache-2.0 */
/* 8 lanes with the instructions of AVX-512 in registers of AVX2's size: half the work of 16 lanes where few are left. */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define V_TARGET __attribute__((target("avx2,avx512f,avx512bw,avx512vl")))
#define V_XOR3(x, y, z) _mm256_ternarylogic_epi32(x, y, z, 0x96)
#define V_CH(x, y, z) _mm256_ternarylogic_epi32(x, y, z, 0xca)
#define V_MAJ(x, y, z) _mm256_ternarylogic_epi32(x, y, z, 0xe8)
#define V_MD5_I(x, y, z) _mm256_ternarylogic_epi32(x, y, z, 0x39)
#define V_ROL(x, n) _mm256_rol_epi32(x, n)
#define V_ORDER(x) __asm__("" : "+v"(x))
#define WIDE trw_avx512vl_wide

#include "digest/lanes8.h"
#include "digest/wide.h"
#endif
