/* SPDX-License-Identifier: Apache-2.0 */
/** Buffers, extents and whole reads and writes. */
#include "base/buf.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/extent.h"
#include "base/io.h"
#include "base/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
integers_come_back_from_unaligned_bytes_in_both_orders(void **state)
{
	uint8_t b[9] = {0};
	(void)state;

	trw_put_le32(b + 1, 0x01020304);
	assert_memory_equal(b + 1, "\x04\x03\x02\x01", 4);
	assert_int_equal(trw_le32(b + 1), 0x01020304);
	trw_put_be32(b + 1, 0x01020304);
	assert_memory_equal(b + 1, "\x01\x02\x03\x04", 4);
	assert_int_equal(trw_be32(b + 1), 0x01020304);
	trw_put_le64(b + 1, UINT64_C(0xf102030405060708));
	assert_memory_equal(b + 1, "\x08\x07\x06\x05\x04\x03\x02\xf1", 8);
	assert_true(trw_le64(b + 1) == UINT64_C(0xf102030405060708));
	trw_put_be64(b + 1, UINT64_C(0xf102030405060708));
	assert_memory_equal(b + 1, "\xf1\x02\x03\x04\x05\x06\x07\x08", 8);
	assert_true(trw_be64(b + 1) == UINT64_C(0xf102030405060708));
}

static void
a_full_buffer_stays_as_it_was(void **state)
{
	struct trw_buf b = {.max = 10};
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(trw_buf_put(&b, "12345678", 8, &err), TRW_OK);
	assert_int_equal(trw_buf_put(&b, "abc", 3, &err), TRW_ELIMIT);
	assert_int_equal(b.n, 8);
	assert_int_equal(trw_buf_put(&b, "ab", 2, &err), TRW_OK);
	assert_memory_equal(b.v, "12345678ab", 10);
	trw_buf_clear(&b);
	assert_int_equal(b.max, 10);
	trw_alloc_fail_at(1);
	assert_int_equal(trw_buf_u8(&b, 1, &err), TRW_ENOMEM);
	trw_alloc_fail_at(0);
	assert_int_equal(b.n, 0);
	trw_buf_clear(&b);
}

static void
a_cursor_that_is_past_the_end_stays_bad(void **state)
{
	struct trw_buf b = {0};
	struct trw_err err = {0};
	size_t len = 0;
	(void)state;

	assert_int_equal(trw_buf_u32(&b, 3, &err), TRW_OK);
	assert_int_equal(trw_buf_put(&b, "xyz", 3, &err), TRW_OK);
	assert_int_equal(trw_buf_u64(&b, 7, &err), TRW_OK);
	struct trw_cur c = {.p = b.v, .left = b.n};
	assert_memory_equal(trw_cur_bytes(&c, 3, &len), "xyz", 3);
	assert_int_equal(len, 3);
	assert_int_equal(trw_cur_u64(&c), 7);
	assert_false(c.bad);
	assert_int_equal(trw_cur_u8(&c), 0);
	assert_true(c.bad);
	c.left = 8;
	assert_int_equal(trw_cur_u32(&c), 0);
	c = (struct trw_cur){.p = b.v, .left = b.n};
	(void)trw_cur_bytes(&c, 2, &len); /* longer than the caller takes */
	assert_true(c.bad);
	assert_int_equal(len, 0);
	trw_buf_clear(&b);
}

static void
extents_join_where_they_continue_and_are_cut(void **state)
{
	struct trw_extents xs = {0};
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(trw_extents_add(&xs, TRW_EXTENT_DATA, 10, 5, &err), TRW_OK);
	assert_int_equal(trw_extents_add(&xs, TRW_EXTENT_DATA, 15, 5, &err), TRW_OK);
	assert_int_equal(trw_extents_add(&xs, TRW_EXTENT_DATA, 15, 0, &err), TRW_OK);
	assert_int_equal(xs.n, 1);
	assert_int_equal(trw_extents_add(&xs, TRW_EXTENT_DATA, 30, 5, &err), TRW_OK);
	assert_int_equal(xs.n, 2);
	assert_int_equal(xs.total, 15);
	assert_int_equal(
		trw_extents_add(&xs, TRW_EXTENT_DATA, UINT64_MAX - 1, 2, &err), TRW_ECORRUPT);
	assert_int_equal(xs.total, 15);
	trw_extents_cut(&xs, 12);
	assert_int_equal(xs.n, 2);
	assert_int_equal(xs.v[1].len, 2);
	trw_extents_cut(&xs, 10);
	assert_int_equal(xs.n, 1);
	assert_int_equal(xs.total, 10);
	trw_extents_clear(&xs);
}

static void
streams_are_read_whole_or_said_to_be_cut(void **state)
{
	struct trw_err err = {0};
	char buf[8];
	int ends[2];
	(void)state;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(trw_write_full(ends[1], "12345678abc", 11, &err), TRW_OK);
	(void)close(ends[1]);
	assert_int_equal(trw_read_full(ends[0], buf, 8, &err), TRW_OK);
	assert_memory_equal(buf, "12345678", 8);
	assert_int_equal(trw_read_full(ends[0], buf, 8, &err), TRW_EIO);
	assert_int_equal(trw_read_full(ends[0], buf, 8, &err), TRW_END);
	(void)close(ends[0]);
}

static void
a_temporary_file_gives_back_what_it_took(void **state)
{
	struct trw_temp t = {.folder = "."};
	struct trw_err err = {0};
	char buf[6] = "";
	(void)state;

	assert_int_equal(trw_temp_append(&t, "12345", 5, &err), TRW_OK);
	assert_int_equal(trw_temp_append(&t, "678", 3, &err), TRW_OK);
	assert_int_equal(t.n, 8);
	assert_int_equal(trw_temp_read(&t, buf, 5, 2, &err), TRW_OK);
	assert_string_equal(buf, "34567");
	assert_int_equal(trw_temp_read(&t, buf, 5, 4, &err), TRW_EIO);
	assert_non_null(strstr(err.text, "it ends at 8"));
	trw_temp_close(&t);
	assert_int_equal(t.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_come_back_from_unaligned_bytes_in_both_orders),
		cmocka_unit_test(a_full_buffer_stays_as_it_was),
		cmocka_unit_test(a_cursor_that_is_past_the_end_stays_bad),
		cmocka_unit_test(extents_join_where_they_continue_and_are_cut),
		cmocka_unit_test(streams_are_read_whole_or_said_to_be_cut),
		cmocka_unit_test(a_temporary_file_gives_back_what_it_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
