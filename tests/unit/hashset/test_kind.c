/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/kind.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const EVP_MD *
algorithm(enum trw_hash_kind kind)
{
	switch (kind) {
	case TRW_HASH_MD5:
	case TRW_HASH_BLOCK_MD5:
		return EVP_md5();
	case TRW_HASH_SHA1:
		return EVP_sha1();
	case TRW_HASH_SHA256:
		return EVP_sha256();
	case TRW_HASH_SHA512:
		return EVP_sha512();
	case TRW_HASH_SHA224:
		return EVP_sha224();
	case TRW_HASH_SHA384:
		return EVP_sha384();
	case TRW_HASH_PDQ:
	case TRW_HASH_N:
		break;
	}
	return NULL;
}

static bool
is_trivial(enum trw_hash_kind kind, const void *content, size_t n)
{
	uint8_t value[EVP_MAX_MD_SIZE];

	assert_int_equal(EVP_Digest(content, n, value, NULL, algorithm(kind), NULL), 1);
	return trw_hash_is_trivial(kind, value);
}

static void
every_kind_knows_the_trivial_contents_and_no_other(void **state)
{
	uint8_t *content = malloc(1 << 20);
	(void)state;

	assert_non_null(content);
	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		if (kind == TRW_HASH_PDQ)
			continue;
		assert_true(is_trivial(kind, "", 0));
		assert_true(is_trivial(kind, "\n", 1));
		assert_false(is_trivial(kind, "sample-1", 8));
		for (int fill = 0; fill < 256; fill += 255) {
			memset(content, fill, 1 << 20);
			assert_true(is_trivial(kind, content, 1));
			for (size_t n = 512; n <= 1 << 20; n *= 2)
				assert_true(is_trivial(kind, content, n));
			content[511] ^= 1;
			assert_false(is_trivial(kind, content, 512));
		}
	}
	free(content);
}

static void
a_value_that_is_all_zero_or_all_ones_is_trivial(void **state)
{
	uint8_t value[TRW_HASH_SIZE_MAX];
	(void)state;

	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		memset(value, 0, sizeof(value));
		assert_true(trw_hash_is_trivial(kind, value));
		value[trw_hash_size(kind) - 1] = 1;
		assert_false(trw_hash_is_trivial(kind, value));
		memset(value, 0xFF, sizeof(value));
		assert_true(trw_hash_is_trivial(kind, value));
	}
}

static void
algorithms_are_found_under_the_names_that_lists_use(void **state)
{
	static const struct {
		const char *name;
		enum trw_hash_kind kind;
	} cases[] = {{"MD5", TRW_HASH_MD5}, {"md5", TRW_HASH_MD5}, {"SHA-1", TRW_HASH_SHA1},
		{"sha_1", TRW_HASH_SHA1}, {"SHA2-256", TRW_HASH_SHA256},
		{"Sha 256", TRW_HASH_SHA256}, {"sha512", TRW_HASH_SHA512},
		{"SHA-224", TRW_HASH_SHA224}, {"sha384", TRW_HASH_SHA384}, {"PDQ", TRW_HASH_PDQ},
		{"block-md5", TRW_HASH_BLOCK_MD5}, {"MD4", TRW_HASH_N}, {"", TRW_HASH_N},
		{"md5 of the text", TRW_HASH_N}, {"sha3-256", TRW_HASH_N},
		{"sha512/256", TRW_HASH_N}};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			trw_hash_named(cases[i].name, strlen(cases[i].name)), cases[i].kind);
	for (int k = 0; k < TRW_HASH_N; k++) {
		const char *name = trw_hash_name((enum trw_hash_kind)k);
		assert_int_equal(trw_hash_named(name, strlen(name)), k);
	}
}

static void
the_number_of_digits_names_the_kind_but_never_pdq_or_a_block(void **state)
{
	(void)state;

	for (size_t n = 0; n < 300; n++) {
		enum trw_hash_kind kind = trw_hash_of_digits(n);
		assert_true(kind != TRW_HASH_PDQ && kind != TRW_HASH_BLOCK_MD5);
		if (kind != TRW_HASH_N)
			assert_int_equal(trw_hash_size(kind) * 2, n);
	}
	assert_int_equal(trw_hash_of_digits(32), TRW_HASH_MD5);
	assert_int_equal(trw_hash_of_digits(64), TRW_HASH_SHA256);
	assert_int_equal(trw_hash_of_digits(31), TRW_HASH_N);
}

static void
hex_is_taken_in_either_case_and_nothing_else_is(void **state)
{
	uint8_t out[8] = {0};
	char digits[3] = "00";
	(void)state;

	assert_true(trw_hash_unhex("0aF9", 4, out));
	assert_memory_equal(out, "\x0a\xf9", 2);
	assert_false(trw_hash_unhex("0aF", 3, out));
	for (int c = 0; c < 256; c++) {
		bool is_digit = c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;
		digits[0] = (char)c;
		assert_int_equal(trw_hash_unhex(digits, 2, out), is_digit);
		digits[0] = '0';
		digits[1] = (char)c;
		assert_int_equal(trw_hash_unhex(digits, 2, out), is_digit);
		digits[1] = '0';
	}
}

static void
a_wrong_digit_is_found_wherever_it_stands(void **state)
{
	char digits[129];
	uint8_t out[64], wanted[64];
	(void)state;

	for (size_t n = 2; n <= 128; n += 2) {
		for (size_t i = 0; i < n; i++)
			digits[i] = "0123456789abcdefABCDEF"[(i * 7 + n) % 22];
		assert_true(trw_hash_unhex(digits, n, out));
		for (size_t i = 0; i < n / 2; i++) {
			char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
			wanted[i] = (uint8_t)strtoul(pair, NULL, 16);
		}
		assert_memory_equal(out, wanted, n / 2);
		for (size_t i = 0; i < n; i++) {
			char held = digits[i];
			digits[i] = "g/:@`G\x80 "[i % 8];
			assert_false(trw_hash_unhex(digits, n, out));
			digits[i] = held;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_knows_the_trivial_contents_and_no_other),
		cmocka_unit_test(a_value_that_is_all_zero_or_all_ones_is_trivial),
		cmocka_unit_test(algorithms_are_found_under_the_names_that_lists_use),
		cmocka_unit_test(the_number_of_digits_names_the_kind_but_never_pdq_or_a_block),
		cmocka_unit_test(hex_is_taken_in_either_case_and_nothing_else_is),
		cmocka_unit_test(a_wrong_digit_is_found_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
