/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What computes: kernels, one for each kind of processor, that all give the same digests. The best that this
 * machine can run is chosen once. Private to this folder and its tests.
 *
 * Threads: any may call; trw_kernel_use is for tests, before there are others.
 */
#pragma once

#include "digest/digester.h"

#include <stdbool.h>
#include <stddef.h>

/** Take n whole blocks at p into the chaining values that the function is for; len and tail are the caller's. */
typedef void trw_stream_fn(struct trw_digester *d, const uint8_t *p, size_t n);

/**
 * The same for n_lanes streams, n_blocks of each: the chaining values of this set of algorithms in *d[i] take in
 * the blocks at p[i]. n_lanes is 1 to the width of the kernel.
 */
typedef void trw_wide_fn(unsigned algorithms, struct trw_digester *const *d,
	const uint8_t *const *p, size_t n_lanes, size_t n_blocks);

#define TRW_LANES_MAX 16

struct trw_wide {
	trw_wide_fn *run;
	unsigned width; /* lanes at most, <= TRW_LANES_MAX */
	unsigned least[TRW_DIGEST_ALL +
		       1]; /* by set of algorithms: from how many lanes on it pays */
};

#define TRW_WIDE_MAX 2

struct trw_kernel {
	const char *name;
	bool (*is_usable)(void);                   /* on this machine */
	trw_stream_fn *stream[TRW_DIGEST_ALL + 1]; /* by set of algorithms; [0] is not used */
	struct trw_wide wide[TRW_WIDE_MAX];        /* widest first; run is NULL at the end */
};

#define TRW_KERNELS_MAX 8

/** The kernel in use. */
const struct trw_kernel *trw_kernel_get(void);
/** The kernels that this machine can run, best first; at least one. */
size_t trw_kernel_list(const struct trw_kernel *out[TRW_KERNELS_MAX]);
/** For tests: use this one from now on; NULL is the best. */
void trw_kernel_use(const struct trw_kernel *kernel);

/** The tail and the padding behind it: 1 or 2 blocks, whose number is returned. */
size_t trw_digest_pad(
	const struct trw_digester *d, bool big_endian, uint8_t out[2 * TRW_DIGEST_BLOCK]);
/** The chaining values as digests. */
void trw_digest_write(const struct trw_digester *d, struct trw_digests *out);

/* OpenSSL's code for each algorithm by itself: on any machine. */
trw_stream_fn trw_openssl_md5, trw_openssl_sha1, trw_openssl_sha256;

/* Four lanes in the compiler's own vectors: on any machine. */
trw_wide_fn trw_portable_wide;

#if defined(__x86_64__)
/* Several algorithms of one stream, interleaved; a letter or two per algorithm: M, S1, S2. */
trw_stream_fn trw_shani_m, trw_shani_s1, trw_shani_m_s1, trw_shani_s2, trw_shani_m_s2,
	trw_shani_s1_s2, trw_shani_m_s1_s2;
trw_stream_fn trw_avx512_m;    /* MD5 alone, in vector registers */
trw_stream_fn trw_avx512_m_s1; /* with SHA-1; needs SHA-NI, too */
trw_wide_fn trw_avx2_wide;     /* 8 lanes */
trw_wide_fn trw_avx512_wide;   /* 16 lanes; also needs BW */
trw_wide_fn trw_avx512vl_wide; /* 8 lanes; also needs BW */
#endif
