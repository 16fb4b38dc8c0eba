/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template: any set of algorithms over one stream, interleaved. Each algorithm is one chain of dependent operations
 * that leaves most of the core idle; MD5 is the longest (64 steps of 4 to 5 cycles a block), and SHA-1 and SHA-256 by
 * the SHA extensions fit into its gaps. Four steps of MD5, four rounds of SHA-256 and four to eight of SHA-1 take
 * turns, so that the processor always sees all three. The includer defines
 *
 *	STITCH_TARGET               the functions' target attribute; must have sha, ssse3, sse4.1
 *	MD5V                        the type that holds a chaining value of MD5
 *	MD5V_GET(x), MD5V_PUT(v)    from and to uint32_t
 *	MD5V_ADD(x, y)
 *	MD5V_OPERAND(v)             v as an operand of empty assembly that pretends to change it
 *	MD5_F, MD5_G, MD5_H, MD5_I  a step: (a, b, c, d, word, shift, i) with word i of the block at p, constant k[i]
 */
#include "digest/constants.h"
#include "digest/kernel.h"

#include <immintrin.h>
#include <string.h>

/* Bytes. Without it a stream that comes from the last-level cache takes up to 1.6 times as long. */
#define STREAM_AHEAD 1024

#define STITCH_INLINE static inline __attribute__((always_inline)) STITCH_TARGET

#define MD5_4(f, i, w, inc, s0, s1, s2, s3)                                                        \
	do {                                                                                       \
		if (set & TRW_MD5) {                                                               \
			f(a, b, c, d, (w) % 16, s0, i);                                            \
			f(d, a, b, c, ((w) + (inc)) % 16, s1, (i) + 1);                            \
			f(c, d, a, b, ((w) + 2 * (inc)) % 16, s2, (i) + 2);                        \
			f(b, c, d, a, ((w) + 3 * (inc)) % 16, s3, (i) + 3);                        \
		}                                                                                  \
	} while (0)
#define MD5_1(i) MD5_4(MD5_F, i, i, 1, 7, 12, 17, 22)
#define MD5_2(i) MD5_4(MD5_G, i, 5 * (i) + 1, 5, 5, 9, 14, 20)
#define MD5_3(i) MD5_4(MD5_H, i, 3 * (i) + 5, 3, 4, 11, 16, 23)
#define MD5_4TH(i) MD5_4(MD5_I, i, 7 * (i), 7, 6, 10, 15, 21)

STITCH_INLINE __m128i
load16(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

STITCH_INLINE void
store16(void *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)p, v);
}

/* Words 4i to 4i + 3 of SHA-1's schedule; w holds the 16 before them. */
STITCH_INLINE __m128i
sha1_words(__m128i *w, const uint8_t *p, int i)
{
	const __m128i reverse = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	__m128i x;

	if (i < 4)
		x = _mm_shuffle_epi8(load16(p + 16 * i), reverse);
	else
		x = _mm_sha1msg2_epu32(
			_mm_xor_si128(_mm_sha1msg1_epu32(w[i % 4], w[(i + 1) % 4]), w[(i + 2) % 4]),
			w[(i + 3) % 4]);
	return w[i % 4] = x;
}

STITCH_INLINE __m128i
sha256_words(__m128i *w, const uint8_t *p, int i)
{
	const __m128i bswap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i x;

	if (i < 4)
		x = _mm_shuffle_epi8(load16(p + 16 * i), bswap);
	else
		x = _mm_sha256msg2_epu32(
			_mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]),
				_mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4)),
			w[(i + 3) % 4]);
	return w[i % 4] = x;
}

#define SHA1_4(i)                                                                                  \
	do {                                                                                       \
		if (set & TRW_SHA1) {                                                              \
			__m128i w_ = sha1_words(w1, p, i);                                         \
			w_ = (i) == 0 ? _mm_add_epi32(e, w_) : _mm_sha1nexte_epu32(e, w_);         \
			e = abcd;                                                                  \
			abcd = _mm_sha1rnds4_epu32(abcd, w_, (i) / 5);                             \
		}                                                                                  \
	} while (0)

#define SHA256_4(i)                                                                                \
	do {                                                                                       \
		if (set & TRW_SHA256) {                                                            \
			__m128i w_ =                                                               \
				_mm_add_epi32(sha256_words(w2, p, i), load16(sha256_k + 4 * (i))); \
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, w_);                              \
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(w_, 0x0e));     \
		}                                                                                  \
	} while (0)

/* The empty assembly needs a value of each chain: no compiler can move one algorithm's part of a turn to another. */
#define TURN(md5, i, sha1_i, sha256_i)                                                             \
	md5(i);                                                                                    \
	SHA1_4(sha1_i);                                                                            \
	SHA256_4(sha256_i);                                                                        \
	__asm__("" : MD5V_OPERAND(b), "+x"(abcd), "+x"(abef))

#define FOUR_TURNS(md5, i)                                                                         \
	TURN(md5, 16 * (i), 5 * (i), 4 * (i));                                                     \
	TURN(md5, 16 * (i) + 4, 5 * (i) + 1, 4 * (i) + 1);                                         \
	TURN(md5, 16 * (i) + 8, 5 * (i) + 2, 4 * (i) + 2);                                         \
	TURN(md5, 16 * (i) + 12, 5 * (i) + 3, 4 * (i) + 3);                                        \
	SHA1_4(5 * (i) + 4)

struct sha256_state { /* in the order that the instructions want */
	__m128i abef, cdgh;
};

STITCH_INLINE struct sha256_state
sha256_get(const uint32_t *h)
{
	__m128i cdab = _mm_shuffle_epi32(load16(h), 0xb1),
		efgh = _mm_shuffle_epi32(load16(h + 4), 0x1b);

	return (struct sha256_state){
		_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

STITCH_INLINE void
sha256_put(uint32_t *h, __m128i abef, __m128i cdgh)
{
	__m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);

	store16(h, _mm_blend_epi16(feba, dchg, 0xf0));
	store16(h + 4, _mm_alignr_epi8(dchg, feba, 8));
}

/* set is a literal: what it doesn't have leaves no code, and needs no instruction that the machine may lack. */
STITCH_INLINE void
stitch(unsigned set, struct trw_digester *digester, const uint8_t *p, size_t n)
{
	MD5V a = MD5V_GET(digester->md5[0]), b = MD5V_GET(digester->md5[1]);
	MD5V c = MD5V_GET(digester->md5[2]), d = MD5V_GET(digester->md5[3]);
	__m128i abcd = _mm_shuffle_epi32(load16(digester->sha1), 0x1b);
	__m128i e = _mm_set_epi32((int)digester->sha1[4], 0, 0, 0);
	struct sha256_state s = sha256_get(digester->sha256);
	__m128i abef = s.abef, cdgh = s.cdgh, w1[4], w2[4];

	for (; n > 0; n--, p += TRW_DIGEST_BLOCK) {
		MD5V a0 = a, b0 = b, c0 = c, d0 = d;
		__m128i abcd0 = abcd, e0 = e, abef0 = abef, cdgh0 = cdgh;
		_mm_prefetch((const char *)((uintptr_t)p + STREAM_AHEAD), _MM_HINT_T0);
		FOUR_TURNS(MD5_1, 0);
		FOUR_TURNS(MD5_2, 1);
		FOUR_TURNS(MD5_3, 2);
		FOUR_TURNS(MD5_4TH, 3);
		a = MD5V_ADD(a, a0);
		b = MD5V_ADD(b, b0);
		c = MD5V_ADD(c, c0);
		d = MD5V_ADD(d, d0);
		if (set & TRW_SHA1) {
			e = _mm_sha1nexte_epu32(e, e0);
			abcd = _mm_add_epi32(abcd, abcd0);
		}
		if (set & TRW_SHA256) {
			abef = _mm_add_epi32(abef, abef0);
			cdgh = _mm_add_epi32(cdgh, cdgh0);
		}
	}
	if (set & TRW_MD5) {
		digester->md5[0] = MD5V_PUT(a);
		digester->md5[1] = MD5V_PUT(b);
		digester->md5[2] = MD5V_PUT(c);
		digester->md5[3] = MD5V_PUT(d);
	}
	if (set & TRW_SHA1) {
		store16(digester->sha1, _mm_shuffle_epi32(abcd, 0x1b));
		digester->sha1[4] = (uint32_t)_mm_extract_epi32(e, 3);
	}
	if (set & TRW_SHA256)
		sha256_put(digester->sha256, abef, cdgh);
}

#define STITCH(name, set)                                                                          \
	STITCH_TARGET void name(struct trw_digester *d, const uint8_t *p, size_t n)                \
	{                                                                                          \
		stitch(set, d, p, n);                                                              \
	}
