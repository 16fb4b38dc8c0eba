/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template of the kernels that take one block of each of V_LANES streams at a time: vector w[i] holds word i of
 * every stream's block, and every operation of the plain algorithm works on vectors. The includer defines
 *
 *	V, V_LANES, V_TARGET    the vector type, its number of 32-bit lanes, the functions' target attribute
 *	V_SET1(x)               x in all lanes
 *	V_ADD V_XOR V_XOR3      x + y, x ^ y, x ^ y ^ z
 *	V_CH V_MAJ              x ? y : z and the majority, bit by bit
 *	V_MD5_I(x, y, z)        y ^ (x | ~z)
 *	V_ROL(x, n) V_SHR(x, n) n is a literal
 *	V_BSWAP(x)              the bytes of each lane reversed
 *	V_ORDER(x)              keeps the compiler from adding in another order around it: MD5 is one long chain of
 *	                        dependent operations, and what comes from outside of the chain has to be added first
 *	load_words(w, p, off)   the words of the blocks at p[i] + off, as little endian
 *	WIDE                    the name of the kernel
 *
 * Everything is unrolled, so that the words and the chaining values live in registers where there are enough.
 */
#include "base/bytes.h"
#include "digest/constants.h"
#include "digest/kernel.h"

#include <string.h>

/* Bytes to prefetch in each stream: 16 streams are too many for the processor to guess. */
#define LANE_AHEAD 512
#define V_INLINE static inline __attribute__((always_inline)) V_TARGET

#define ROTATE4(step, f, i, w0, w1, w2, w3, s0, s1, s2, s3)                                        \
	step(f, a, b, c, d, i, w0, s0);                                                            \
	step(f, d, a, b, c, (i) + 1, w1, s1);                                                      \
	step(f, c, d, a, b, (i) + 2, w2, s2);                                                      \
	step(f, b, c, d, a, (i) + 3, w3, s3)

#define MD5_STEP(f, a, b, c, d, i, word, s)                                                        \
	do {                                                                                       \
		V t_ = V_ADD(V_ADD(a, w[(word) % 16]), V_SET1(k[i]));                              \
		V_ORDER(t_);                                                                       \
		t_ = V_ADD(t_, f(b, c, d));                                                        \
		a = V_ADD(V_ROL(t_, s), b);                                                        \
		V_ORDER(a);                                                                        \
	} while (0)

#define MD5_G(x, y, z) V_CH(z, x, y)
#define MD5_1(i) ROTATE4(MD5_STEP, V_CH, i, (i), (i) + 1, (i) + 2, (i) + 3, 7, 12, 17, 22)
#define MD5_2(i)                                                                                   \
	ROTATE4(MD5_STEP, MD5_G, i, 5 * (i) + 1, 5 * (i) + 6, 5 * (i) + 11, 5 * (i) + 16, 5, 9,    \
		14, 20)
#define MD5_3(i)                                                                                   \
	ROTATE4(MD5_STEP, V_XOR3, i, 3 * (i) + 5, 3 * (i) + 8, 3 * (i) + 11, 3 * (i) + 14, 4, 11,  \
		16, 23)
#define MD5_4(i)                                                                                   \
	ROTATE4(MD5_STEP, V_MD5_I, i, 7 * (i), 7 * (i) + 7, 7 * (i) + 14, 7 * (i) + 21, 6, 10, 15, \
		21)
#define ROUNDS16(step, i)                                                                          \
	step(i);                                                                                   \
	step((i) + 4);                                                                             \
	step((i) + 8);                                                                             \
	step((i) + 12)

V_INLINE void
md5_block(V *h, const V *w, const uint32_t *k)
{
	V a = h[0], b = h[1], c = h[2], d = h[3];

	ROUNDS16(MD5_1, 0);
	ROUNDS16(MD5_2, 16);
	ROUNDS16(MD5_3, 32);
	ROUNDS16(MD5_4, 48);
	h[0] = V_ADD(h[0], a);
	h[1] = V_ADD(h[1], b);
	h[2] = V_ADD(h[2], c);
	h[3] = V_ADD(h[3], d);
}

#define SHA1_FIRST(i) w[i]
#define SHA1_NEXT(i)                                                                               \
	(w[(i) % 16] = V_ROL(                                                                      \
		 V_XOR(V_XOR3(w[((i) + 13) % 16], w[((i) + 8) % 16], w[((i) + 2) % 16]),           \
			 w[(i) % 16]),                                                             \
		 1))
#define SHA1_STEP(f, word, a, b, c, d, e, i)                                                       \
	do {                                                                                       \
		e = V_ADD(V_ADD(e, V_ADD(word(i), k)), V_ADD(f(b, c, d), V_ROL(a, 5)));            \
		b = V_ROL(b, 30);                                                                  \
	} while (0)
#define SHA1_5(f, word, i)                                                                         \
	SHA1_STEP(f, word, a, b, c, d, e, i);                                                      \
	SHA1_STEP(f, word, e, a, b, c, d, (i) + 1);                                                \
	SHA1_STEP(f, word, d, e, a, b, c, (i) + 2);                                                \
	SHA1_STEP(f, word, c, d, e, a, b, (i) + 3);                                                \
	SHA1_STEP(f, word, b, c, d, e, a, (i) + 4)
#define SHA1_20(f, i)                                                                              \
	SHA1_5(f, SHA1_NEXT, i);                                                                   \
	SHA1_5(f, SHA1_NEXT, (i) + 5);                                                             \
	SHA1_5(f, SHA1_NEXT, (i) + 10);                                                            \
	SHA1_5(f, SHA1_NEXT, (i) + 15)

/* Uses w up. */
V_INLINE void
sha1_block(V *h, V *w)
{
	V a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	V k = V_SET1(0x5a827999);

	SHA1_5(V_CH, SHA1_FIRST, 0);
	SHA1_5(V_CH, SHA1_FIRST, 5);
	SHA1_5(V_CH, SHA1_FIRST, 10);
	SHA1_STEP(V_CH, SHA1_FIRST, a, b, c, d, e, 15);
	SHA1_STEP(V_CH, SHA1_NEXT, e, a, b, c, d, 16);
	SHA1_STEP(V_CH, SHA1_NEXT, d, e, a, b, c, 17);
	SHA1_STEP(V_CH, SHA1_NEXT, c, d, e, a, b, 18);
	SHA1_STEP(V_CH, SHA1_NEXT, b, c, d, e, a, 19);
	k = V_SET1(0x6ed9eba1);
	SHA1_20(V_XOR3, 20);
	k = V_SET1(0x8f1bbcdc);
	SHA1_20(V_MAJ, 40);
	k = V_SET1(0xca62c1d6);
	SHA1_20(V_XOR3, 60);
	h[0] = V_ADD(h[0], a);
	h[1] = V_ADD(h[1], b);
	h[2] = V_ADD(h[2], c);
	h[3] = V_ADD(h[3], d);
	h[4] = V_ADD(h[4], e);
}

#define V_ROR(x, n) V_ROL(x, 32 - (n))
#define SHA256_FIRST(i) w[i]
#define SHA256_NEXT(i)                                                                             \
	(w[i] = V_ADD(V_ADD(w[i], w[((i) + 9) % 16]),                                              \
		 V_ADD(V_XOR3(V_ROR(w[((i) + 1) % 16], 7), V_ROR(w[((i) + 1) % 16], 18),           \
			       V_SHR(w[((i) + 1) % 16], 3)),                                       \
			 V_XOR3(V_ROR(w[((i) + 14) % 16], 17), V_ROR(w[((i) + 14) % 16], 19),      \
				 V_SHR(w[((i) + 14) % 16], 10)))))
#define SHA256_STEP(word, a, b, c, d, e, f, g, h, i)                                               \
	do {                                                                                       \
		h = V_ADD(V_ADD(h, V_ADD(word(i), V_SET1(k[i]))),                                  \
			V_ADD(V_CH(e, f, g), V_XOR3(V_ROR(e, 6), V_ROR(e, 11), V_ROR(e, 25))));    \
		d = V_ADD(d, h);                                                                   \
		h = V_ADD(h,                                                                       \
			V_ADD(V_MAJ(a, b, c), V_XOR3(V_ROR(a, 2), V_ROR(a, 13), V_ROR(a, 22))));   \
	} while (0)
#define SHA256_8(word, i)                                                                          \
	SHA256_STEP(word, a, b, c, d, e, f, g, h, i);                                              \
	SHA256_STEP(word, h, a, b, c, d, e, f, g, (i) + 1);                                        \
	SHA256_STEP(word, g, h, a, b, c, d, e, f, (i) + 2);                                        \
	SHA256_STEP(word, f, g, h, a, b, c, d, e, (i) + 3);                                        \
	SHA256_STEP(word, e, f, g, h, a, b, c, d, (i) + 4);                                        \
	SHA256_STEP(word, d, e, f, g, h, a, b, c, (i) + 5);                                        \
	SHA256_STEP(word, c, d, e, f, g, h, a, b, (i) + 6);                                        \
	SHA256_STEP(word, b, c, d, e, f, g, h, a, (i) + 7)

/* Uses w up. */
V_INLINE void
sha256_block(V *s, V *w, const uint32_t *k)
{
	V a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

	SHA256_8(SHA256_FIRST, 0);
	SHA256_8(SHA256_FIRST, 8);
	for (int i = 0; i < 3; i++) {
		k += 16;
		SHA256_8(SHA256_NEXT, 0);
		SHA256_8(SHA256_NEXT, 8);
	}
	s[0] = V_ADD(s[0], a);
	s[1] = V_ADD(s[1], b);
	s[2] = V_ADD(s[2], c);
	s[3] = V_ADD(s[3], d);
	s[4] = V_ADD(s[4], e);
	s[5] = V_ADD(s[5], f);
	s[6] = V_ADD(s[6], g);
	s[7] = V_ADD(s[7], h);
}

/* The chaining values of one algorithm, n words of each lane, to and from vectors; a missing lane has lane 0's. */
V_INLINE void
gather(V *h, size_t n, struct trw_digester *const *d, size_t n_lanes, size_t field)
{
	uint32_t words[8][V_LANES];

	for (size_t lane = 0; lane < V_LANES; lane++) {
		const uint8_t *from = (const uint8_t *)d[lane < n_lanes ? lane : 0] + field;
		uint32_t v[8];
		memcpy(v, from, n * sizeof(*v));
		for (size_t i = 0; i < n; i++)
			words[i][lane] = v[i];
	}
	memcpy(h, words, n * sizeof(V));
}

V_INLINE void
scatter(const V *h, size_t n, struct trw_digester *const *d, size_t n_lanes, size_t field)
{
	uint32_t words[8][V_LANES];

	memcpy(words, h, n * sizeof(V));
	for (size_t lane = 0; lane < n_lanes; lane++) {
		uint32_t v[8];
		for (size_t i = 0; i < n; i++)
			v[i] = words[i][lane];
		memcpy((uint8_t *)d[lane] + field, v, n * sizeof(*v));
	}
}

V_TARGET void
WIDE(unsigned algorithms, struct trw_digester *const *d, const uint8_t *const *p, size_t n_lanes,
	size_t n_blocks)
{
	V md5[4], sha1[5], sha256[8];
	const uint8_t *from[V_LANES];

	for (size_t i = 0; i < V_LANES; i++)
		from[i] = p[i < n_lanes ? i : 0];
	gather(md5, 4, d, n_lanes, offsetof(struct trw_digester, md5));
	gather(sha1, 5, d, n_lanes, offsetof(struct trw_digester, sha1));
	gather(sha256, 8, d, n_lanes, offsetof(struct trw_digester, sha256));
	for (size_t off = 0; off < n_blocks * TRW_DIGEST_BLOCK; off += TRW_DIGEST_BLOCK) {
		V w[16], w2[16];
		const uint32_t *md5_table = md5_k, *sha256_table = sha256_k;
		/* Constants come from memory in every step: made in registers or kept there they cost more. */
		__asm__("" : "+r"(md5_table), "+r"(sha256_table));
		load_words(w, from, off);
		for (size_t i = 0; i < V_LANES; i++)
			__builtin_prefetch((const void *)((uintptr_t)from[i] + off + LANE_AHEAD));
		if (algorithms & TRW_MD5)
			md5_block(md5, w, md5_table);
		if ((algorithms & (TRW_SHA1 | TRW_SHA256)) == 0)
			continue;
		for (size_t i = 0; i < 16; i++)
			w2[i] = w[i] = V_BSWAP(w[i]);
		if (algorithms & TRW_SHA1)
			sha1_block(sha1, w);
		if (algorithms & TRW_SHA256)
			sha256_block(sha256, w2, sha256_table);
	}
	if (algorithms & TRW_MD5)
		scatter(md5, 4, d, n_lanes, offsetof(struct trw_digester, md5));
	if (algorithms & TRW_SHA1)
		scatter(sha1, 5, d, n_lanes, offsetof(struct trw_digester, sha1));
	if (algorithms & TRW_SHA256)
		scatter(sha256, 8, d, n_lanes, offsetof(struct trw_digester, sha256));
}
