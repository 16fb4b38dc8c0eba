/* SPDX-License-Identifier: Apache-2.0 */
/** Text, its escapes and its clocks. */
#include "base/text.h"

#include "base/clock.h"
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
hex_goes_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char hex[2 * 256 + 1];
	(void)state;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	trw_hex(bytes, sizeof(bytes), hex);
	assert_memory_equal(hex, "000102", 6);
	assert_true(trw_unhex(hex, back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_true(trw_unhex("aBCd", back, 2));
	assert_false(trw_unhex("abc", back, 2));
	assert_false(trw_unhex("abcg", back, 2));
	assert_false(trw_unhex("abcde", back, 2));
}

/* Every character goes out and is read as one; what is one byte short of it is not. */
static void
every_character_is_well_formed_utf8(void **state)
{
	static const size_t ends[] = {0x80, 0x800, 0x10000, 0x110000};
	char out[TRW_UTF8_MAX];
	(void)state;

	for (uint32_t c = 1; c < 0x110000; c++) {
		size_t want = 1;
		if (c == 0xd800)
			c = 0xe000;
		while (c >= ends[want - 1])
			want++;
		if (trw_utf8_put(c, out) != want || trw_utf8_length((uint8_t *)out, want) != want ||
			(want > 1 && trw_utf8_length((uint8_t *)out, want - 1) != 0))
			fail_msg("U+%04X", (unsigned)c);
	}
}

static void
bytes_that_are_no_utf8_are_shown_as_replacements(void **state)
{
	struct trw_err err = {0};
	char *text;
	(void)state;

	assert_false(trw_utf8_valid((const uint8_t *)"\xed\xa0\x80", 3)); /* a surrogate */
	assert_false(trw_utf8_valid((const uint8_t *)"\xc0\x80", 2));     /* overlong */
	assert_false(trw_utf8_valid((const uint8_t *)"a\0b", 3));
	text = trw_utf8_display((const uint8_t *)"a\xff\n\xc3\xbc", 5, &err);
	assert_string_equal(text, "a\xef\xbf\xbd\n\xc3\xbc");
	free(text);
	text = trw_utf8_line((const uint8_t *)"a\x1b\n\x7f\xc3\xbc", 6, &err);
	assert_string_equal(text, "a   \xc3\xbc");
	free(text);
}

static void
check_utf16(const char *bytes, size_t n, bool is_big, uint32_t want, size_t want_used)
{
	size_t used = 0;

	assert_int_equal(trw_utf16_get((const uint8_t *)bytes, n, is_big, &used), want);
	assert_int_equal(used, want_used);
}

static void
surrogates_need_their_partner(void **state)
{
	(void)state;
	check_utf16("\x00\x41", 2, true, 'A', 2);
	check_utf16("\x41\x00", 2, false, 'A', 2);
	check_utf16("\xd8\x3d\xde\x00", 4, true, 0x1f600, 4);
	check_utf16("\x3d\xd8\x00\xde", 4, false, 0x1f600, 4);
	check_utf16("\xdb\xff\xdf\xff", 4, true, 0x10ffff, 4);
	check_utf16("\xd8\x3d\x00\x41", 4, true, 0xfffd, 2); /* the letter comes next */
	check_utf16("\xd8\x3d\xd8\x3d", 4, true, 0xfffd, 2);
	check_utf16("\xde\x00\xd8\x3d", 4, true, 0xfffd, 2);
	check_utf16("\xd8\x3d\xde", 3, true, 0xfffd, 2); /* cut off */
	check_utf16("\x00\x00", 2, true, 0, 2);
}

static void
sizes_and_names_are_for_people(void **state)
{
	char out[TRW_SIZE_TEXT];
	(void)state;

	trw_size_text(300, out);
	assert_string_equal(out, "300 B");
	trw_size_text(1536, out);
	assert_string_equal(out, "1.5 KiB");
	trw_size_text(UINT64_MAX, out);
	assert_string_equal(out, "16.0 EiB");
	assert_string_equal(trw_base_name("/a/b.E01"), "b.E01");
	assert_string_equal(trw_base_name("b.E01"), "b.E01");
	assert_string_equal(trw_base_name("a/"), "");
}

static void
check_time(int64_t ns, const char *want)
{
	char out[TRW_ISO8601_SIZE];

	trw_iso8601(ns, out);
	assert_string_equal(out, want);
}

static void
times_are_right_on_both_sides_of_1970(void **state)
{
	(void)state;
	check_time(0, "1970-01-01T00:00:00.000000000Z");
	check_time(-1, "1969-12-31T23:59:59.999999999Z");
	check_time(INT64_C(951782400000000001), "2000-02-29T00:00:00.000000001Z");
	check_time(INT64_C(4107542400000000000), "2100-03-01T00:00:00.000000000Z");
	check_time(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
	check_time(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
	assert_true(trw_now_ns() > INT64_C(1700000000000000000));
	for (int64_t last = 0, i = 0; i < 1000; i++) {
		int64_t now = trw_monotonic_ns();
		assert_true(now >= last);
		last = now;
	}
}

struct sink {
	char text[256];
	size_t n, max;
};

static enum trw_status
sink_put(void *ctx, const void *p, size_t n, struct trw_err *err)
{
	struct sink *s = ctx;

	if (n > s->max - s->n)
		return trw_fail(err, TRW_EIO, "full");
	memcpy(s->text + s->n, p, n);
	s->n += n;
	return TRW_OK;
}

static void
check_json(const char *in, size_t n, const char *want)
{
	struct trw_err err = {0};
	struct sink s = {.max = sizeof(s.text) - 1};

	assert_int_equal(trw_json_string(in, n, sink_put, &s, &err), TRW_OK);
	assert_string_equal(s.text, want);
	for (size_t max = 0; max < strlen(want); max++) { /* a full sink is never passed over */
		s = (struct sink){.max = max};
		assert_int_equal(trw_json_string(in, n, sink_put, &s, &err), TRW_EIO);
	}
}

static void
json_strings_are_escaped_and_errors_of_their_reader_come_back(void **state)
{
	(void)state;
	check_json("", 0, "\"\"");
	check_json("plain", 5, "\"plain\"");
	check_json("a\"b\\\n\x01\x7f/", 8, "\"a\\\"b\\\\\\u000a\\u0001\\u007f/\"");
	check_json("\xc3\xbc\xff\xc3", 4, "\"\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\"");
	check_json("a\0b", 3,
		"\"a\xef\xbf\xbd"
		"b\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(every_character_is_well_formed_utf8),
		cmocka_unit_test(bytes_that_are_no_utf8_are_shown_as_replacements),
		cmocka_unit_test(surrogates_need_their_partner),
		cmocka_unit_test(sizes_and_names_are_for_people),
		cmocka_unit_test(times_are_right_on_both_sides_of_1970),
		cmocka_unit_test(json_strings_are_escaped_and_errors_of_their_reader_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
