/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sets/alert.h"
#include "index/sets/entrytext.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
/* after the standard headers */
#include <cmocka.h>

static bool
names(const struct trw_alerts *a, const char *scheme, const char *category)
{
	return trw_alerts_name(a, scheme, strlen(scheme), category, strlen(category));
}

static void
a_policy_names_what_it_lists_and_nothing_else(void **state)
{
	struct trw_alerts a = {0};
	struct trw_err err = {0};

	(void)state;
	assert_false(names(&a, "VICS-US", "1"));
	assert_int_equal(trw_alerts_add(&a, "VICS-US:1,2", &err), TRW_OK);
	assert_int_equal(trw_alerts_add(&a, "NCMEC:*", &err), TRW_OK);
	assert_int_equal(trw_alerts_add(&a, ":bad", &err), TRW_OK);
	assert_true(names(&a, "VICS-US", "1"));
	assert_true(names(&a, "VICS-US", "2"));
	assert_true(names(&a, "NCMEC", "A1"));
	assert_true(names(&a, "", "bad"));
	assert_false(names(&a, "VICS-US", "12"));
	assert_false(names(&a, "VICS-US", ""));
	assert_false(names(&a, "NCMEC", ""));
	assert_false(names(&a, "VICS-U", "1"));
	assert_false(names(&a, "vics-us", "1"));
	assert_false(names(&a, "", ""));
	trw_alerts_clear(&a);
}

static void
blanks_at_the_ends_of_a_category_count_for_nothing(void **state)
{
	struct trw_alerts a = {0};
	struct trw_err err = {0};

	(void)state;
	assert_int_equal(trw_alerts_add(&a, "VICS-US: 1, 2 ,not me", &err), TRW_OK);
	assert_true(names(&a, "VICS-US", "1"));
	assert_true(names(&a, "VICS-US", " 2\t"));
	assert_true(names(&a, "VICS-US", "not me"));
	assert_false(names(&a, "VICS-US", "notme"));
	assert_int_equal(trw_alerts_add(&a, "NCMEC:*", &err), TRW_OK);
	assert_false(names(&a, "NCMEC", " "));
	char *text = trw_alerts_text(&a, &err);
	assert_string_equal(text, "NCMEC:*,VICS-US:1,VICS-US:2,VICS-US:not me");
	free(text);
	trw_alerts_clear(&a);
}

static void
the_text_of_a_policy_does_not_depend_on_its_order(void **state)
{
	static const char *const first[] = {"B:2,1", "A:x", "B:1"}, *const second[] = {
									    "A:x", "B:1,2"};
	struct trw_alerts a = {0}, b = {0};
	struct trw_err err = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(trw_alerts_add(&a, first[i], &err), TRW_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(trw_alerts_add(&b, second[i], &err), TRW_OK);
	char *x = trw_alerts_text(&a, &err), *y = trw_alerts_text(&b, &err);
	assert_string_equal(x, "A:x,B:1,B:2");
	assert_string_equal(x, y);
	free(x);
	free(y);
	trw_alerts_clear(&a);
	trw_alerts_clear(&b);
}

static void
a_policy_that_can_not_be_meant_is_refused(void **state)
{
	static const char *const wrong[] = {"VICS-US", "", "VICS-US:", "VICS-US:,1", "VICS-US:1,",
		"VICS-US:1,,2", "VICS-US:1, ,2", "A:\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct trw_alerts a = {0};
		struct trw_err err = {0};
		assert_int_equal(trw_alerts_add(&a, wrong[i], &err), TRW_EUSAGE);
		assert_true(err.text[0] != '\0');
		trw_alerts_clear(&a);
	}
}

static struct trw_entry
entry_with(const struct trw_property *properties, size_t n)
{
	struct trw_entry e = {.kinds = 0, .size = TRW_SIZE_ABSENT};

	e.properties = properties;
	e.n_properties = n;
	return e;
}

static void
properties_become_json_and_lose_nothing(void **state)
{
	static const struct trw_property properties[] = {{"comments", "a \"b\" \\ \n\x01", 8, 10},
		{"marks", "tlp:red", 5, 7}, {"marks", "pap:red", 5, 7}, {"tags", "\xff", 4, 1}};
	struct trw_entry e = entry_with(properties, 4);
	struct trw_entry_text text = {0};
	struct trw_err err = {0};

	(void)state;
	e.kinds = TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA224);
	memset(e.digest[TRW_HASH_SHA224], 0xab, 28);
	assert_int_equal(trw_entry_text_make(&e, 7, &text, &err), TRW_OK);
	assert_string_equal(text.name, "row 7");
	assert_null(text.scheme);
	assert_null(text.category);
	assert_string_equal(text.properties,
		"{\"comments\":\"a \\\"b\\\" \\\\ \\u000a\\u0001\",\"marks\":[\"tlp:red\",\"pap:red\"],"
		"\"tags\":\"\xef\xbf\xbd\","
		"\"sha224\":\"abababababababababababababababababababababababababababab\"}");
	assert_string_equal(text.marks, "tlp:red, pap:red");
	trw_entry_text_clear(&text);
}

static void
an_entry_with_a_name_keeps_it_and_one_without_properties_has_none(void **state)
{
	struct trw_entry e = entry_with(NULL, 0);
	struct trw_entry_text text = {0};
	struct trw_err err = {0};

	(void)state;
	e.name = "n\xffme";
	e.name_len = 4;
	e.scheme = "S";
	e.scheme_len = 1;
	e.category = "C";
	e.category_len = 1;
	assert_int_equal(trw_entry_text_make(&e, 7, &text, &err), TRW_OK);
	assert_string_equal(text.name, "n\xef\xbf\xbdme");
	assert_string_equal(text.scheme, "S");
	assert_string_equal(text.category, "C");
	assert_null(text.properties);
	assert_null(text.marks);
	trw_entry_text_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_names_what_it_lists_and_nothing_else),
		cmocka_unit_test(blanks_at_the_ends_of_a_category_count_for_nothing),
		cmocka_unit_test(the_text_of_a_policy_does_not_depend_on_its_order),
		cmocka_unit_test(a_policy_that_can_not_be_meant_is_refused),
		cmocka_unit_test(properties_become_json_and_lose_nothing),
		cmocka_unit_test(an_entry_with_a_name_keeps_it_and_one_without_properties_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
