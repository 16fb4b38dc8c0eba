/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
assert_shown(void (*show)(FILE *f, const char *s, size_t n), const char *in, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	show(f, in, strlen(in));
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
	free(text);
}

static void
plain_and_foreign_letters_stay_as_they_are(void **state)
{
	(void)state;
	assert_shown(trw_say_name, "/a b/\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80.txt",
		"/a b/\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80.txt");
}

static void
bytes_that_could_drive_a_terminal_are_escaped(void **state)
{
	(void)state;
	assert_shown(trw_say_name, "a\x1b[2Jb\n\t\x7f", "a\\x1b[2Jb\\x0a\\x09\\x7f");
	assert_shown(trw_say_name, "\xc2\x9b", "\\xc2\\x9b");
	assert_shown(trw_say_name, "gpj.\xe2\x80\xaetxt", "gpj.\\xe2\\x80\\xaetxt");
	assert_shown(trw_say_name, "\xe2\x81\xa6\xef\xbb\xbf", "\\xe2\\x81\\xa6\\xef\\xbb\\xbf");
	assert_shown(trw_say_name, "\xc2\xad\xd8\x9c", "\\xc2\\xad\\xd8\\x9c");
	assert_shown(trw_say_name, "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81");
}

static void
an_escape_cannot_be_forged(void **state)
{
	(void)state;
	assert_shown(trw_say_name, "\\x41", "\\x5cx41");
}

static void
bytes_that_are_no_utf8_are_escaped_one_by_one(void **state)
{
	(void)state;
	assert_shown(trw_say_name, "\xff\xc3", "\\xff\\xc3");
	assert_shown(trw_say_name, "\xc0\xaf", "\\xc0\\xaf");
}

static void
json_strings_are_quoted(void **state)
{
	(void)state;
	assert_shown(
		trw_say_json, "a\"b\\\n\xc3\xbc\xff", "\"a\\\"b\\\\\\u000a\xc3\xbc\xef\xbf\xbd\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_foreign_letters_stay_as_they_are),
		cmocka_unit_test(bytes_that_could_drive_a_terminal_are_escaped),
		cmocka_unit_test(an_escape_cannot_be_forged),
		cmocka_unit_test(bytes_that_are_no_utf8_are_escaped_one_by_one),
		cmocka_unit_test(json_strings_are_quoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
