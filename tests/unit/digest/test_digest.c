/* SPDX-License-Identifier: Apache-2.0 */
#include "digest/digest.h"

#include "unit/digest/evp.h"
#include "base/bytes.h"
#include "digest/kernel.h"
#include "unit/digest/digest_fixture.h"

#include <stdlib.h>
#include <string.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DATA_MAX ((size_t)8192)

static uint8_t data[DATA_MAX + 64];

static int
fill(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)next(&seed);
	return 0;
}

static int
use_best(void **state)
{
	(void)state;
	trw_kernel_use(NULL);
	return 0;
}

static void
assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	assert_int_equal(strlen(hex), 2 * n);
	for (size_t i = 0; i < n; i++) {
		char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};
		assert_int_equal(p[i], strtoul(byte, NULL, 16));
	}
}

/* RFC 1321 A.5, RFC 3174 7.3, FIPS 180-4 examples. */
static const struct {
	const char *text;
	size_t repeat;
	const char *md5, *sha1, *sha256;
} vectors[] = {
	{"", 1, "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		"8215ef0796a20bcaaae116d3876c664a", "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 1000000, "7707d6ae4e027c70eea2a935c2296f21",
		"34aa973cd4c4daa4f61eeb2bdbad27316534016f",
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void
published_vectors_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct trw_digester d;
		struct trw_digests out;
		trw_digest_start(&d, TRW_DIGEST_ALL);
		for (size_t r = 0; r < vectors[i].repeat; r++)
			trw_digest_update(&d, vectors[i].text, strlen(vectors[i].text));
		trw_digest_finish(&d, &out);
		assert_hex(out.md5, 16, vectors[i].md5);
		assert_hex(out.sha1, 20, vectors[i].sha1);
		assert_hex(out.sha256, 32, vectors[i].sha256);
	}
}

/* Every kernel with every set: all fields are compared, so what is not computed must stay as it was. */
static void
check_every_kernel(const uint8_t *p, size_t len)
{
	const struct trw_kernel *kernels[TRW_KERNELS_MAX];
	size_t n_kernels = trw_kernel_list(kernels);

	for (unsigned set = 1; set <= TRW_DIGEST_ALL; set++) {
		struct trw_digests expected;
		memset(&expected, 0xa5, sizeof(expected));
		evp_digests(set, p, len, &expected);
		for (size_t k = 0; k < n_kernels; k++) {
			struct trw_digester d;
			struct trw_digests out;
			trw_kernel_use(kernels[k]);
			memset(&out, 0xa5, sizeof(out));
			trw_digest_start(&d, set);
			trw_digest_update(&d, p, len);
			trw_digest_finish(&d, &out);
			assert_digests(&out, &expected);
		}
	}
}

static void
every_length_agrees_with_openssl(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 5 * TRW_DIGEST_BLOCK + 1; len++)
		check_every_kernel(data + len % 5, len);
	check_every_kernel(data + 1, DATA_MAX);
	check_every_kernel(data + 3, DATA_MAX - 55);
}

static void
every_split_gives_the_same_digests(void **state)
{
	const struct trw_kernel *kernels[TRW_KERNELS_MAX];
	size_t n_kernels = trw_kernel_list(kernels);
	uint32_t seed = 2;

	(void)state;
	for (int round = 0; round < 600; round++) {
		size_t len = next(&seed) % 1000;
		unsigned set = 1 + next(&seed) % TRW_DIGEST_ALL;
		struct trw_digests expected = {{0}, {0}, {0}}, out = {{0}, {0}, {0}};
		struct trw_digester d;
		trw_kernel_use(kernels[next(&seed) % n_kernels]);
		evp_digests(set, data, len, &expected);
		trw_digest_start(&d, set);
		for (size_t at = 0, n; at < len; at += n) {
			n = next(&seed) % (round % 2 == 0 ? 70 : 300);
			if (n > len - at)
				n = len - at;
			trw_digest_update(&d, data + at, n);
		}
		trw_digest_finish(&d, &out);
		assert_digests(&out, &expected);
	}
}

static void
zeros_are_bytes(void **state)
{
	static const uint8_t zeros[3 * 4096];
	static const size_t lengths[] = {0, 1, 63, 64, 65, 4095, 4096, 4097, 3 * 4096};

	(void)state;
	for (size_t i = 0; i < N(lengths); i++) {
		for (size_t before = 0; before < 66; before += 13) {
			struct trw_digester a, b;
			struct trw_digests x, y;
			trw_digest_start(&a, TRW_DIGEST_ALL);
			trw_digest_update(&a, data, before);
			b = a;
			trw_digest_zeros(&a, lengths[i]);
			trw_digest_update(&b, zeros, lengths[i]);
			trw_digest_finish(&a, &x);
			trw_digest_finish(&b, &y);
			assert_digests(&x, &y);
		}
	}
}

static void
a_copy_goes_its_own_way(void **state)
{
	struct trw_digester a, b;
	struct trw_digests x, y, expected;

	(void)state;
	trw_digest_start(&a, TRW_DIGEST_ALL);
	trw_digest_update(&a, data, 100);
	b = a;
	trw_digest_update(&a, data + 100, 1000);
	trw_digest_finish(&b, &y);
	trw_digest_finish(&a, &x);
	evp_digests(TRW_DIGEST_ALL, data, 1100, &expected);
	assert_digests(&x, &expected);
	evp_digests(TRW_DIGEST_ALL, data, 100, &expected);
	assert_digests(&y, &expected);
}

static void
a_saved_state_goes_on_in_another_digester(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= 3 * TRW_DIGEST_BLOCK; cut++) {
		uint8_t saved[TRW_DIGEST_SAVED], again[TRW_DIGEST_SAVED];
		struct trw_digester a, b;
		struct trw_digests x, expected;
		memset(&b, 0x5a, sizeof(b));
		trw_digest_start(&a, TRW_DIGEST_ALL);
		trw_digest_update(&a, data, cut);
		trw_digest_save(&a, saved);
		assert_int_equal(trw_digest_load(&b, saved, sizeof(saved), NULL), TRW_OK);
		trw_digest_save(&b, again);
		assert_memory_equal(saved, again, sizeof(saved));
		trw_digest_update(&b, data + cut, 500 - cut);
		trw_digest_finish(&b, &x);
		evp_digests(TRW_DIGEST_ALL, data, 500, &expected);
		assert_digests(&x, &expected);
	}
}

static void
the_saved_form_is_the_documented_one(void **state)
{
	uint8_t saved[TRW_DIGEST_SAVED];
	struct trw_digester d;

	(void)state;
	trw_digest_start(&d, TRW_MD5 | TRW_SHA256);
	trw_digest_update(&d, "xyz", 3);
	trw_digest_save(&d, saved);
	assert_memory_equal(saved, "TDg1", 4);
	assert_int_equal(trw_le32(saved + 4), TRW_MD5 | TRW_SHA256);
	assert_int_equal(trw_le64(saved + 8), 3);
	assert_int_equal(trw_le32(saved + 16), 0x67452301);
	assert_int_equal(trw_le32(saved + 16 + 16 + 16), 0xc3d2e1f0);
	assert_int_equal(trw_le32(saved + 16 + 16 + 20), 0x6a09e667);
	assert_memory_equal(saved + 84, "xyz", 4);
}

static void
what_is_no_saved_state_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} damages[] = {{0, 'X'}, {4, 8}, {7, 1}, {TRW_DIGEST_SAVED - 1, 1}, {84 + 3, 1}};
	uint8_t saved[TRW_DIGEST_SAVED];
	struct trw_digester d, before;

	(void)state;
	trw_digest_start(&d, TRW_DIGEST_ALL);
	trw_digest_update(&d, "xyz", 3);
	before = d;
	for (size_t i = 0; i < N(damages); i++) {
		struct trw_err err = {0};
		trw_digest_save(&d, saved);
		saved[damages[i].at] = damages[i].value;
		assert_int_equal(trw_digest_load(&d, saved, sizeof(saved), &err), TRW_ECORRUPT);
		assert_non_null(strstr(err.text, "saved digest state"));
		assert_memory_equal(&d, &before, sizeof(d));
	}
	trw_digest_save(&d, saved);
	assert_int_equal(trw_digest_load(&d, saved, sizeof(saved) - 1, NULL), TRW_ECORRUPT);
	assert_int_equal(trw_digest_load(&d, saved, 0, NULL), TRW_ECORRUPT);
}

/*
 * The end of a stream of len bytes, whose tail is empty, is one more block; a digester that is given that block as
 * bytes must come to the same chaining values.
 */
static void
check_length_in_padding(uint64_t len)
{
	uint8_t saved[TRW_DIGEST_SAVED], block[TRW_DIGEST_BLOCK] = {0x80};
	struct trw_digester d, little, big;
	struct trw_digests out;

	trw_digest_start(&d, TRW_DIGEST_ALL);
	little = big = d;
	trw_digest_save(&d, saved);
	trw_put_le64(saved + 8, len);
	assert_int_equal(trw_digest_load(&d, saved, sizeof(saved), NULL), TRW_OK);
	trw_digest_finish(&d, &out);
	trw_put_le64(block + 56, len * 8);
	trw_digest_update(&little, block, sizeof(block));
	for (size_t i = 0; i < 8; i++)
		block[63 - i] = (uint8_t)(len * 8 >> (8 * i));
	trw_digest_update(&big, block, sizeof(block));
	assert_int_equal(trw_le32(out.md5), little.md5[0]);
	assert_int_equal(trw_be32(out.sha1), big.sha1[0]);
	assert_int_equal(trw_be32(out.sha256), big.sha256[0]);
}

static void
lengths_past_4_gib_are_counted(void **state)
{
	struct trw_digester d;
	struct trw_digests out;

	(void)state;
	check_length_in_padding((uint64_t)1 << 29); /* of bits: 2 to the 32 */
	check_length_in_padding((uint64_t)1 << 32);
	check_length_in_padding(((uint64_t)5 << 40) + 64);
	/* head -c 4294967301 /dev/zero | sha1sum */
	trw_digest_start(&d, TRW_SHA1);
	trw_digest_zeros(&d, ((uint64_t)1 << 32) + 5);
	assert_int_equal(d.len, ((uint64_t)1 << 32) + 5);
	trw_digest_finish(&d, &out);
	assert_hex(out.sha1, 20, "7ce9d83c5eacca17b354408ce637473229a7d5e2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(every_length_agrees_with_openssl),
		cmocka_unit_test(every_split_gives_the_same_digests),
		cmocka_unit_test_setup(zeros_are_bytes, use_best),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(a_saved_state_goes_on_in_another_digester),
		cmocka_unit_test(the_saved_form_is_the_documented_one),
		cmocka_unit_test(what_is_no_saved_state_is_refused),
		cmocka_unit_test(lengths_past_4_gib_are_counted),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
