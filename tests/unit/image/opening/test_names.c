/* SPDX-License-Identifier: Apache-2.0 */
/* Files are made empty: names alone decide here. */
#include "image/opening/names.h"
#include "unit/fixture/folder.h"

#include <string.h>

static void
make(const char *name)
{
	write_file(name, "", 0);
}

static void
remove_file(const char *name)
{
	char path[96];

	path_of(name, path);
	assert_int_equal(unlink(path), 0);
}

static struct trw_names
find(const char *name, enum trw_names_style style)
{
	struct trw_names names;
	struct trw_err err = {0};
	char path[96];

	path_of(name, path);
	assert_int_equal(trw_names_find(path, style, &names, &err), TRW_OK);
	return names;
}

/* The set found from its first, a middle and its last file is exactly these, in this order. */
static void
expect_set(const char *const *want, size_t n, enum trw_names_style style)
{
	const size_t given[] = {0, n / 2, n - 1};

	for (size_t i = 0; i < n; i++)
		make(want[i]);
	for (size_t g = 0; g < 3; g++) {
		struct trw_names names = find(want[given[g]], style);

		assert_int_equal(names.n, n);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(strrchr(names.v[i].path, '/') + 1, want[i]);
			assert_int_equal(names.v[i].is_given, i == given[g]);
			assert_true(i == 0 || names.v[i].number == names.v[i - 1].number + 1);
		}
		trw_names_clear(&names);
	}
	for (size_t i = 0; i < n; i++)
		remove_file(want[i]);
}

static void
ewf_names_go_on_with_letters_after_99(void **state)
{
	static const char *const upper[] = {"a.E97", "a.E98", "a.E99", "a.EAA", "a.EAB", "a.EAC"};
	static const char *const lower[] = {"a.s98", "a.s99", "a.saa", "a.sab"};
	(void)state;

	expect_set(upper, 6, TRW_NAMES_EWF);
	expect_set(lower, 4, TRW_NAMES_EWF);
}

static void
ewf_numbers_and_names_are_each_others_inverse(void **state)
{
	static const char *const first[] = {"d/a.E01", "d/a.e01", "d/a.s01"};
	char name[64];
	uint32_t number;
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		/* S01 .. SZZ and on to ZZZ are fewer than E01 .. ZZZ, and S01 is a family of its own */
		for (uint32_t k = 1; k <= 99 + 8 * 676; k++) {
			trw_names_ewf(first[i], k, name, sizeof(name));
			assert_true(trw_names_number(name, TRW_NAMES_EWF, &number));
			if (i == 2 || name[4] < 'S')
				assert_int_equal(number, k);
		}
	}
	trw_names_ewf("d/a.e01", 100 + 676, name, sizeof(name));
	assert_string_equal(name, "d/a.faa");
}

static void
digits_of_a_raw_set_grow_after_999(void **state)
{
	static const char *const set[] = {"d.997", "d.998", "d.999", "d.1000", "d.1001"};
	static const char *const wide[] = {"w.0999", "w.1000", "w.1001"};
	(void)state;

	expect_set(set, 5, TRW_NAMES_RAW);
	expect_set(wide, 3, TRW_NAMES_RAW);
}

static void
width_with_leading_zeros_is_another_set(void **state)
{
	struct trw_names names;
	(void)state;

	make("z.001");
	make("z.0002");
	make("z.00003");
	names = find("z.001", TRW_NAMES_RAW);
	assert_int_equal(names.n, 1);
	trw_names_clear(&names);
	remove_file("z.001");
	remove_file("z.0002");
	remove_file("z.00003");
}

static void
letters_of_a_raw_set_carry_from_az_to_ba(void **state)
{
	static const char *const set[] = {"l.ay", "l.az", "l.ba", "l.bb"};
	uint32_t number;
	(void)state;

	expect_set(set, 4, TRW_NAMES_RAW);
	assert_true(trw_names_number("l.aa", TRW_NAMES_RAW, &number));
	assert_int_equal(number, 1);
	assert_true(trw_names_number("l.ba", TRW_NAMES_RAW, &number));
	assert_int_equal(number, 27);
}

static void
other_stems_and_other_kinds_are_not_of_the_set(void **state)
{
	static const char *const strangers[] = {
		"t.e01.txt", "te.e02", "T.e02", "t.x.e02", "t.raw", "t.e0", "t.e003"};
	struct trw_names names;
	(void)state;

	make("t.e01");
	for (size_t i = 0; i < 7; i++)
		make(strangers[i]);
	names = find("t.e01", TRW_NAMES_EWF);
	for (size_t i = 1; i < names.n; i++) /* .raw is a possible name, far off */
		assert_true(names.v[i].number > 1000);
	trw_names_clear(&names);
	remove_file("t.e01");
	for (size_t i = 0; i < 7; i++)
		remove_file(strangers[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ewf_names_go_on_with_letters_after_99),
		cmocka_unit_test(ewf_numbers_and_names_are_each_others_inverse),
		cmocka_unit_test(digits_of_a_raw_set_grow_after_999),
		cmocka_unit_test(width_with_leading_zeros_is_another_set),
		cmocka_unit_test(letters_of_a_raw_set_carry_from_az_to_ba),
		cmocka_unit_test(other_stems_and_other_kinds_are_not_of_the_set),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
