/* SPDX-License-Identifier: Apache-2.0 */
#include "digest/lanes.h"

#include "unit/digest/evp.h"
#include "digest/kernel.h"
#include "unit/digest/digest_fixture.h"

#include <stdlib.h>
#include <string.h>

#define LANES 70
#define MANY_LANES 600
#define DATA_MAX ((size_t)64 << 10)

static uint8_t data[DATA_MAX];
static const struct trw_kernel *kernels[TRW_KERNELS_MAX];
static size_t n_kernels;

static int
fill(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)next(&seed);
	n_kernels = trw_kernel_list(kernels);
	return 0;
}

/* A stream: bytes of data from off on, of which the first `done` are in the digester. */
struct stream {
	struct trw_digester digester;
	size_t off, len, done;
	unsigned set;
};

static void
start(struct stream *s, unsigned set, size_t off, size_t len)
{
	*s = (struct stream){.off = off, .len = len, .set = set};
	trw_digest_start(&s->digester, set);
}

/* The lanes of one call; n_bytes is asked how much of each stream goes in. Lanes come in another order than streams. */
static void
update(struct stream *streams, size_t n, size_t (*n_bytes)(uint32_t *seed, size_t left),
	uint32_t *seed)
{
	static struct trw_lane lanes[MANY_LANES];

	for (size_t i = 0; i < n; i++) {
		struct stream *s = &streams[n - 1 - i];
		size_t len = n_bytes(seed, s->len - s->done);
		lanes[i] = (struct trw_lane){&s->digester, data + s->off + s->done, len};
		s->done += len;
	}
	trw_lanes_update(lanes, n);
}

static size_t
everything(uint32_t *seed, size_t left)
{
	(void)seed;
	return left;
}

static size_t
a_piece(uint32_t *seed, size_t left)
{
	size_t n = next(seed) % 4 == 0 ? next(seed) % 1500 : next(seed) % 130;

	return n < left ? n : left;
}

static void
finish_and_check(struct stream *streams, size_t n)
{
	static struct trw_digests outs[MANY_LANES];
	static struct trw_digester *digesters[MANY_LANES];
	static struct trw_digests *to[MANY_LANES];

	for (size_t i = 0; i < n; i++) {
		memset(&outs[i], 0xa5, sizeof(outs[i]));
		digesters[i] = &streams[i].digester;
		to[i] = &outs[i];
	}
	trw_lanes_finish(digesters, to, n);
	for (size_t i = 0; i < n; i++) {
		struct trw_digests expected;
		memset(&expected, 0xa5, sizeof(expected));
		evp_digests(streams[i].set, data + streams[i].off, streams[i].len, &expected);
		assert_digests(&outs[i], &expected);
	}
}

/* The wide function itself: every number of lanes, few blocks, every set, unaligned. */
static void
check_wide(const struct trw_wide *wide, unsigned set)
{
	struct stream streams[TRW_LANES_MAX], alone[TRW_LANES_MAX];
	struct trw_digester *digesters[TRW_LANES_MAX];
	const uint8_t *p[TRW_LANES_MAX];

	for (size_t n = 1; n <= wide->width; n++) {
		for (size_t n_blocks = 1; n_blocks < 70; n_blocks += n_blocks < 3 ? 1 : 33) {
			size_t len = n_blocks * TRW_DIGEST_BLOCK;
			for (size_t i = 0; i < n; i++) {
				start(&streams[i], TRW_DIGEST_ALL, 3911 * i + n, len);
				alone[i] = streams[i];
				digesters[i] = &streams[i].digester;
				p[i] = data + streams[i].off;
			}
			wide->run(set, digesters, p, n, n_blocks);
			for (size_t i = 0; i < n; i++) {
				alone[i].digester.algorithms = set;
				trw_digest_update(&alone[i].digester, p[i], len);
				alone[i].digester.algorithms = TRW_DIGEST_ALL;
				alone[i].digester.len = 0;
				assert_memory_equal(
					digesters[i], &alone[i].digester, sizeof(*digesters[i]));
			}
		}
	}
}

static void
every_wide_kernel_agrees_with_single_streams(void **state)
{
	(void)state;
	for (size_t k = 0; k < n_kernels; k++)
		for (size_t w = 0; w < TRW_WIDE_MAX && kernels[k]->wide[w].run != NULL; w++)
			for (unsigned set = 1; set <= TRW_DIGEST_ALL; set++)
				check_wide(&kernels[k]->wide[w], set);
}

static void
every_number_of_lanes_agrees_with_openssl(void **state)
{
	static struct stream streams[LANES];
	uint32_t seed = 3;

	(void)state;
	for (size_t k = 0; k < n_kernels; k++) {
		trw_kernel_use(kernels[k]);
		for (size_t n = 0; n <= LANES; n++) {
			unsigned set =
				n % 3 == 0 ? 1 + next(&seed) % TRW_DIGEST_ALL : TRW_DIGEST_ALL;
			for (size_t i = 0; i < n; i++)
				start(&streams[i], set, next(&seed) % 1000, next(&seed) % 1200);
			update(streams, n, everything, &seed);
			finish_and_check(streams, n);
		}
	}
}

static void
every_length_agrees_with_openssl(void **state)
{
	static struct stream streams[5 * TRW_DIGEST_BLOCK];
	uint32_t seed = 4;

	(void)state;
	for (size_t k = 0; k < n_kernels; k++) {
		trw_kernel_use(kernels[k]);
		for (size_t i = 0; i < 5 * TRW_DIGEST_BLOCK; i++)
			start(&streams[i], TRW_DIGEST_ALL, i % 7, i);
		update(streams, 5 * TRW_DIGEST_BLOCK, everything, &seed);
		finish_and_check(streams, 5 * TRW_DIGEST_BLOCK);
	}
}

/* Tails of every fill, sets that differ from lane to lane, lanes that get nothing, states that were saved between. */
static void
any_mix_of_pieces_and_sets_agrees_with_openssl(void **state)
{
	static struct stream streams[LANES];
	uint32_t seed = 5;

	(void)state;
	for (int round = 0; round < 90; round++) {
		size_t n = 1 + next(&seed) % LANES;
		for (size_t i = 0; i < n; i++)
			start(&streams[i], 1 + next(&seed) % TRW_DIGEST_ALL, next(&seed) % 1000,
				next(&seed) % 4000);
		for (int call = 0; call < 6; call++) {
			uint8_t saved[TRW_DIGEST_SAVED];
			struct stream *s = &streams[next(&seed) % n];
			trw_kernel_use(kernels[next(&seed) % n_kernels]);
			update(streams, n, a_piece, &seed);
			trw_digest_save(&s->digester, saved);
			assert_int_equal(
				trw_digest_load(&s->digester, saved, sizeof(saved), NULL), TRW_OK);
		}
		update(streams, n, everything, &seed);
		finish_and_check(streams, n);
	}
}

static void
very_different_lengths_in_many_lanes_agree_with_openssl(void **state)
{
	static struct stream streams[MANY_LANES];
	uint32_t seed = 6;

	(void)state;
	for (size_t k = 0; k < n_kernels; k++) {
		trw_kernel_use(kernels[k]);
		for (size_t i = 0; i < MANY_LANES; i++) {
			size_t len = i % 50 == 7  ? DATA_MAX - 3
				     : i % 3 == 0 ? 0
						  : next(&seed) % 700;
			start(&streams[i], TRW_DIGEST_ALL, i % 3, len);
		}
		update(streams, MANY_LANES, everything, &seed);
		finish_and_check(streams, MANY_LANES);
	}
}

/* Sources that end where an allocation ends: the sanitizer sees a read past them. */
static void
nothing_is_read_past_the_end(void **state)
{
	struct trw_digester digesters[40];
	struct trw_lane lanes[40];
	uint8_t *copies[40];

	(void)state;
	for (size_t k = 0; k < n_kernels; k++) {
		trw_kernel_use(kernels[k]);
		for (size_t i = 0; i < 40; i++) {
			size_t len = 37 * i + 64;
			copies[i] = malloc(len);
			assert_non_null(copies[i]);
			memcpy(copies[i], data, len);
			trw_digest_start(&digesters[i], TRW_DIGEST_ALL);
			lanes[i] = (struct trw_lane){&digesters[i], copies[i], len};
		}
		trw_lanes_update(lanes, 40);
		for (size_t i = 0; i < 40; i++) {
			struct trw_digests out, expected;
			trw_digest_finish(&digesters[i], &out);
			evp_digests(TRW_DIGEST_ALL, data, 37 * i + 64, &expected);
			assert_digests(&out, &expected);
			free(copies[i]);
		}
	}
}

static void
the_name_is_that_of_the_kernel_in_use(void **state)
{
	(void)state;
	for (size_t k = 0; k < n_kernels; k++) {
		trw_kernel_use(kernels[k]);
		assert_string_equal(trw_lanes_name(), kernels[k]->name);
	}
	trw_kernel_use(NULL);
	assert_string_equal(trw_lanes_name(), kernels[0]->name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wide_kernel_agrees_with_single_streams),
		cmocka_unit_test(every_number_of_lanes_agrees_with_openssl),
		cmocka_unit_test(every_length_agrees_with_openssl),
		cmocka_unit_test(any_mix_of_pieces_and_sets_agrees_with_openssl),
		cmocka_unit_test(very_different_lengths_in_many_lanes_agree_with_openssl),
		cmocka_unit_test(nothing_is_read_past_the_end),
		cmocka_unit_test(the_name_is_that_of_the_kernel_in_use),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
