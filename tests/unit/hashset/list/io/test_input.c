/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/input.h"

#include "unit/fixture/folder.h"

#include <string.h>

static struct trw_input *
open_list(const char *text, char path[96])
{
	struct trw_input *in = NULL;
	struct trw_err err = {0};

	path_of("list", path);
	write_file("list", text, strlen(text));
	if (trw_input_open(path, NULL, folder, &in, &err) < 0)
		fail_msg("%s", err.text);
	return in;
}

static void
assert_line(struct trw_input *in, const char *text, const char *end)
{
	const char *p;
	size_t n;
	bool is_cut;

	assert_int_equal(trw_input_line(in, &p, &n, &is_cut, NULL), TRW_OK);
	assert_false(is_cut);
	assert_int_equal(n, strlen(text));
	if (n > 0)
		assert_memory_equal(p, text, n);
	assert_string_equal(trw_input_line_end(in), end);
}

static void
a_line_tells_what_it_ended_in(void **state)
{
	char path[96];
	struct trw_input *in = open_list("a\r\n\nb\rc\nd", path);
	const char *p;
	size_t n;
	bool is_cut;
	(void)state;

	assert_line(in, "a", "\r\n");
	assert_line(in, "", "\n");
	assert_line(in, "b\rc", "\n");
	assert_line(in, "d", "");
	assert_int_equal(trw_input_line(in, &p, &n, &is_cut, NULL), TRW_END);
	trw_input_close(in);
	in = open_list("a\r\rb", path);
	assert_line(in, "a", "\r");
	assert_line(in, "", "\r");
	assert_line(in, "b", "");
	assert_int_equal(trw_input_line_number(in), 3);
	trw_input_close(in);
}

static void
a_file_of_a_few_bytes_is_read_as_it_is(void **state)
{
	char path[96];
	struct trw_input *in = open_list("abc\n", path);
	const uint8_t *p = NULL;
	size_t n = 1;
	bool is_all;
	(void)state;

	assert_line(in, "abc", "\n");
	trw_input_close(in);
	in = open_list("\xEF\xBB\xBF", path);
	assert_true(trw_input_head(in, &p, &n, &is_all, NULL) >= 0);
	assert_int_equal(n, 0);
	trw_input_close(in);
}

static void
a_file_that_grows_while_it_is_read_is_no_whole_list(void **state)
{
	char path[96];
	struct trw_input *in = open_list("a\n", path);
	struct trw_err err = {0};
	uint8_t sum[32];
	(void)state;

	assert_line(in, "a", "\n");
	assert_int_equal(trw_input_sha256(in, sum, &err), TRW_OK);
	trw_input_close(in);
	in = open_list("a\n", path);
	assert_line(in, "a", "\n");
	write_file("list", "a\nb\n", 4);
	assert_int_equal(trw_input_sha256(in, sum, &err), TRW_EIO);
	assert_non_null(strstr(err.text, "its size has changed"));
	trw_input_close(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_tells_what_it_ended_in),
		cmocka_unit_test(a_file_of_a_few_bytes_is_read_as_it_is),
		cmocka_unit_test(a_file_that_grows_while_it_is_read_is_no_whole_list),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
