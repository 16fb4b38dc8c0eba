/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/probe.h"

#include "view/memory.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEN ((size_t)1 << 20)

static uint8_t *image; /* LEN bytes, all zero at the start of each test */

/* bad: a byte that can't be read, or NULL. */
static struct trw_probe
probe(uint64_t zero_max, const uint64_t *bad)
{
	struct trw_view_bytes bytes = {.v = image};
	struct trw_view view = trw_view_memory(&bytes, LEN);
	struct trw_probe p;
	struct trw_err err = {0};

	if (bad != NULL)
		assert_int_equal(
			trw_ranges_add(&bytes.damage, *bad, 1, TRW_DAMAGE_MISSING, &err), TRW_OK);
	trw_probe(&view, zero_max, &p);
	trw_ranges_clear(&bytes.damage);
	return p;
}

static int
setup(void **state)
{
	(void)state;
	image = calloc(1, LEN);
	return image == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(image);
	return 0;
}

static void
put(size_t off, const char *bytes, size_t len)
{
	memcpy(image + off, bytes, len);
}

static void
put_fat16(void)
{
	put(0, "\xeb\x3c\x90MSDOS5.0\0\2\4\1\0\2\0\2\0\x80\xf8\x20\0", 24);
	put(510, "\x55\xaa", 2);
}

static void
volume_is_all_zero_only_when_all_of_it_was_read(void **state)
{
	uint64_t bad = LEN / 2;
	struct trw_probe p = probe(LEN, NULL);

	(void)state;
	assert_string_equal(p.name, "all zero");
	assert_true(p.holds == TRW_HOLDS_ZEROS);
	p = probe(LEN / 2, NULL);
	assert_string_equal(p.name, "no known file system");
	assert_string_not_equal(p.note, "");
	p = probe(LEN, &bad);
	assert_false(p.holds == TRW_HOLDS_ZEROS);
	image[LEN - 1] = 1;
	assert_false(probe(LEN, NULL).holds == TRW_HOLDS_ZEROS);
}

static void
ext_is_named_by_its_features(void **state)
{
	(void)state;
	put(1024, "\1\0\0\0\1", 5);
	put(1024 + 0x20, "\1", 1);
	put(1024 + 0x38, "\x53\xef", 2);
	put(1024 + 0x4c, "\1", 1);
	assert_string_equal(probe(0, NULL).name, "Ext2");
	image[1024 + 0x5c] = 0x4;
	assert_string_equal(probe(0, NULL).name, "Ext3");
	image[1024 + 0x60] = 0x40;
	assert_string_equal(probe(0, NULL).name, "Ext4");
	assert_int_equal(probe(0, NULL).plausible, TRW_FAMILY_BIT(TRW_FAMILY_EXT));
}

static void
two_file_systems_in_one_place_are_both_found(void **state)
{
	struct trw_probe p;

	(void)state;
	put_fat16();
	put(32768, "\1CD001", 6);
	p = probe(0, NULL);
	assert_string_equal(p.name, "FAT16");
	assert_int_equal(p.n_found, 2);
	assert_string_equal(p.found[1], "ISO 9660");
	assert_int_equal(
		p.plausible, (TRW_FAMILY_BIT(TRW_FAMILY_FAT) | TRW_FAMILY_BIT(TRW_FAMILY_ISO)));
}

static void
bitlocker_to_go_is_not_taken_for_fat(void **state)
{
	struct trw_probe p;

	(void)state;
	put_fat16();
	put(424, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01", 16);
	p = probe(0, NULL);
	assert_string_equal(p.name, "BitLocker");
	assert_true(p.holds & TRW_HOLDS_ENCRYPTION);
}

static void
luks_says_its_version(void **state)
{
	(void)state;
	put(0, "LUKS\xba\xbe\0\2", 8);
	assert_string_equal(probe(0, NULL).name, "LUKS2");
	assert_true(probe(0, NULL).holds & TRW_HOLDS_ENCRYPTION);
}

static void
raid_metadata_at_the_end_is_found_beside_the_file_system(void **state)
{
	struct trw_probe p;

	(void)state;
	put_fat16();
	put(LEN - 8192, "\xfc\x4e\x2b\xa9\1\0\0\0", 8);
	p = probe(0, NULL);
	assert_string_equal(p.name, "FAT16");
	assert_string_equal(p.found[1], "mdraid 1.0");
	assert_true(p.holds & TRW_HOLDS_CONTAINER);
}

static void
random_bytes_are_said_to_be_possibly_encrypted(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (size_t i = 0; i < LEN; i++) { /* xorshift64 */
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		image[i] = (uint8_t)(x >> 32);
	}
	assert_string_equal(probe(LEN, NULL).name, "no known file system");
	assert_non_null(strstr(probe(LEN, NULL).note, "high entropy"));
	memset(image, 'a', 4096);
	assert_null(strstr(probe(LEN, NULL).note, "high entropy"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			volume_is_all_zero_only_when_all_of_it_was_read, setup, teardown),
		cmocka_unit_test_setup_teardown(ext_is_named_by_its_features, setup, teardown),
		cmocka_unit_test_setup_teardown(
			two_file_systems_in_one_place_are_both_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
			bitlocker_to_go_is_not_taken_for_fat, setup, teardown),
		cmocka_unit_test_setup_teardown(luks_says_its_version, setup, teardown),
		cmocka_unit_test_setup_teardown(
			raid_metadata_at_the_end_is_found_beside_the_file_system, setup, teardown),
		cmocka_unit_test_setup_teardown(
			random_bytes_are_said_to_be_possibly_encrypted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
