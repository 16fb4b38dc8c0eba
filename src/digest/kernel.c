/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of kernels, best first. From how many lanes on one pays was measured with tests/bench/digest.c on a Xeon
 * with AVX-512 and the SHA extensions (Sapphire Rapids); elsewhere the choice may cost speed, never correctness.
 */
#include "digest/kernel.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <stdatomic.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* What several algorithms read one after the other has to stay in the first-level cache. */
#define PIECE_BLOCKS ((size_t)256) /* of one stream */
#define LANES_PIECE_BLOCKS ((size_t)32)

static inline __attribute__((always_inline)) void
openssl_set(unsigned set, struct trw_digester *d, const uint8_t *p, size_t n)
{
	for (size_t piece; n > 0; n -= piece, p += piece * TRW_DIGEST_BLOCK) {
		piece = n < PIECE_BLOCKS ? n : PIECE_BLOCKS;
		if (set & TRW_MD5)
			trw_openssl_md5(d, p, piece);
		if (set & TRW_SHA1)
			trw_openssl_sha1(d, p, piece);
		if (set & TRW_SHA256)
			trw_openssl_sha256(d, p, piece);
	}
}

#define OPENSSL_STREAM(name, set)                                                                  \
	static void name(struct trw_digester *d, const uint8_t *p, size_t n)                       \
	{                                                                                          \
		openssl_set(set, d, p, n);                                                         \
	}

OPENSSL_STREAM(openssl_m_s1, TRW_MD5 | TRW_SHA1)
OPENSSL_STREAM(openssl_m_s2, TRW_MD5 | TRW_SHA256)
OPENSSL_STREAM(openssl_s1_s2, TRW_SHA1 | TRW_SHA256)
OPENSSL_STREAM(openssl_m_s1_s2, TRW_DIGEST_ALL)

#define OPENSSL_STREAMS                                                                            \
	{                                                                                          \
		NULL, trw_openssl_md5, trw_openssl_sha1, openssl_m_s1, trw_openssl_sha256,         \
			openssl_m_s2, openssl_s1_s2, openssl_m_s1_s2                               \
	}

static bool
is_any_machine(void)
{
	return true;
}

/* MD5 in lanes, and the SHAs, for which the machine has instructions, one stream after the other. */
static inline __attribute__((always_inline)) void
md5_wide(trw_wide_fn *wide, trw_stream_fn *const *stream, unsigned algorithms,
	struct trw_digester *const *d, const uint8_t *const *p, size_t n_lanes, size_t n_blocks)
{
	unsigned shas = algorithms & (TRW_SHA1 | TRW_SHA256);
	const uint8_t *from[TRW_LANES_MAX];

	for (size_t i = 0; i < n_lanes; i++)
		from[i] = p[i];
	for (size_t piece; n_blocks > 0; n_blocks -= piece) {
		piece = n_blocks < LANES_PIECE_BLOCKS ? n_blocks : LANES_PIECE_BLOCKS;
		if (algorithms & TRW_MD5)
			wide(TRW_MD5, d, from, n_lanes, piece);
		for (size_t i = 0; i < n_lanes; i++) {
			if (shas != 0)
				stream[shas](d[i], from[i], piece);
			from[i] += piece * TRW_DIGEST_BLOCK;
		}
	}
}

#if defined(__x86_64__)

static bool
has_sha(void)
{
	unsigned a = 0, b = 0, c = 0, d = 0;

	/* CPUID leaf 7: EBX bit 29. The compilers' own tests don't all know it. */
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0 &&
	       __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

static bool
has_avx512(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

static bool
has_avx512_sha(void)
{
	return has_avx512() && has_sha();
}

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

static bool
has_avx2_sha(void)
{
	return has_avx2() && has_sha();
}

#define SHANI_STREAMS                                                                              \
	{                                                                                          \
		NULL, trw_shani_m, trw_shani_s1, trw_shani_m_s1, trw_shani_s2, trw_shani_m_s2,     \
			trw_shani_s1_s2, trw_shani_m_s1_s2                                         \
	}

static trw_stream_fn *const shani_streams[] = SHANI_STREAMS;

static void
avx2_shani_wide(unsigned algorithms, struct trw_digester *const *d, const uint8_t *const *p,
	size_t n_lanes, size_t n_blocks)
{
	md5_wide(trw_avx2_wide, shani_streams, algorithms, d, p, n_lanes, n_blocks);
}

static void
portable_shani_wide(unsigned algorithms, struct trw_digester *const *d, const uint8_t *const *p,
	size_t n_lanes, size_t n_blocks)
{
	md5_wide(trw_portable_wide, shani_streams, algorithms, d, p, n_lanes, n_blocks);
}

static const struct trw_kernel kernels[] = {
	{
		.name = "AVX-512 x16, SHA-NI",
		.is_usable = has_avx512_sha,
		.stream = {NULL, trw_avx512_m, trw_shani_s1, trw_avx512_m_s1, trw_shani_s2,
			trw_shani_m_s2, trw_shani_s1_s2, trw_shani_m_s1_s2},
		.wide = {{trw_avx512_wide, 16, {0, 9, 9, 9, 9, 9, 9, 9}},
			{trw_avx512vl_wide, 8, {0, 2, 4, 3, 6, 3, 5, 5}}},
	},
	{
		.name = "AVX-512 x16",
		.is_usable = has_avx512,
		.stream = {NULL, trw_avx512_m, trw_openssl_sha1, openssl_m_s1, trw_openssl_sha256,
			openssl_m_s2, openssl_s1_s2, openssl_m_s1_s2},
		.wide = {{trw_avx512_wide, 16, {0, 9, 9, 9, 9, 9, 9, 9}},
			{trw_avx512vl_wide, 8, {0, 2, 2, 2, 2, 2, 2, 2}}},
	},
	{
		.name = "AVX2 x8, SHA-NI",
		.is_usable = has_avx2_sha,
		.stream = SHANI_STREAMS,
		.wide = {{avx2_shani_wide, 8, {0, 2, 9, 3, 9, 3, 9, 6}}},
	},
	{
		.name = "AVX2 x8",
		.is_usable = has_avx2,
		.stream = OPENSSL_STREAMS,
		.wide = {{trw_avx2_wide, 8, {0, 2, 3, 2, 3, 2, 3, 3}}},
	},
	{
		.name = "portable x4, SHA-NI",
		.is_usable = has_sha,
		.stream = SHANI_STREAMS,
		.wide = {{portable_shani_wide, 4, {0, 3, 9, 3, 9, 4, 9, 9}}},
	},
	{
		.name = "portable x4, OpenSSL",
		.is_usable = is_any_machine,
		.stream = OPENSSL_STREAMS,
		.wide = {{trw_portable_wide, 4, {0, 3, 3, 3, 3, 3, 3, 3}}},
	},
};

#else

static trw_stream_fn *const openssl_streams[] = OPENSSL_STREAMS;

static void
portable_openssl_wide(unsigned algorithms, struct trw_digester *const *d, const uint8_t *const *p,
	size_t n_lanes, size_t n_blocks)
{
	md5_wide(trw_portable_wide, openssl_streams, algorithms, d, p, n_lanes, n_blocks);
}

static const struct trw_kernel kernels[] = {
	{
		.name = "portable x4, OpenSSL",
		.is_usable = is_any_machine,
		.stream = OPENSSL_STREAMS,
		.wide = {{portable_openssl_wide, 4, {0, 3, 9, 3, 9, 4, 9, 4}}},
	},
};

#endif

_Static_assert(N(kernels) <= TRW_KERNELS_MAX, "trw_kernel_list needs more room");

/* Set once, to what any thread would choose. */
static const struct trw_kernel *_Atomic chosen;

size_t
trw_kernel_list(const struct trw_kernel *out[TRW_KERNELS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < N(kernels); i++)
		if (kernels[i].is_usable())
			out[n++] = &kernels[i];
	return n;
}

void
trw_kernel_use(const struct trw_kernel *kernel)
{
	atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
}

const struct trw_kernel *
trw_kernel_get(void)
{
	const struct trw_kernel *k = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (k == NULL) {
		const struct trw_kernel *usable[TRW_KERNELS_MAX];
		(void)trw_kernel_list(usable);
		k = usable[0];
		trw_kernel_use(k);
	}
	return k;
}
