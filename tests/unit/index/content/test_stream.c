/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct taken {
	uint8_t v[256];
	size_t n, n_missing;
};

static enum trw_status
begin(void *self, void *state, const struct trw_stream_head *head, unsigned part, unsigned n_parts,
	struct trw_err *err)
{
	struct taken *t = self;

	(void)state;
	(void)head;
	(void)part;
	(void)n_parts;
	(void)err;
	*t = (struct taken){0};
	return TRW_OK;
}

static enum trw_status
take_bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct taken *t = self;

	(void)state;
	(void)err;
	assert_true(n <= sizeof(t->v) - t->n);
	memcpy(t->v + t->n, p, n);
	t->n += n;
	return TRW_OK;
}

static enum trw_status
take_zeros(void *self, void *state, uint64_t n, struct trw_err *err)
{
	static const uint8_t zeros[256];

	assert_true(n <= sizeof(zeros));
	return take_bytes(self, state, zeros, (size_t)n, err);
}

static enum trw_status
take_missing(void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	struct taken *t = self;

	assert_true(why == TRW_SPAN_OUTSIDE || why == TRW_SPAN_LOST || why == TRW_SPAN_SHORT);
	t->n_missing += n;
	return take_zeros(self, state, n, err);
}

static enum trw_status
end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	(void)self;
	(void)state;
	(void)done;
	(void)err;
	return TRW_OK;
}

/* Read the task over an image of 64 bytes that are all 'x'. */
static void
read_task(const struct trw_task *task, struct taken *out, struct trw_stream_report *report)
{
	uint8_t bytes[64];
	struct trw_image *image = NULL;
	struct trw_worker_spec spec = {0};
	struct trw_stream *s = NULL;
	struct trw_consumer row = {.shared = out,
		.begin = begin,
		.bytes = take_bytes,
		.zeros = take_zeros,
		.missing = take_missing,
		.end = end};
	struct trw_stream_done done = {.cause = ""};
	struct trw_tee *tee = NULL;

	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(trw_image_open_memory(bytes, sizeof(bytes), NULL, &image, NULL), TRW_OK);
	assert_int_equal(trw_stream_new(image, &spec, &s, NULL), TRW_OK);
	assert_int_equal(trw_tee_new((struct trw_consumers){&row, 1}, &tee, NULL), TRW_OK);
	assert_int_equal(trw_stream_read(s, task, tee, NULL, NULL, report, NULL), TRW_OK);
	assert_int_equal(trw_tee_end(tee, &done, NULL), TRW_OK);
	trw_tee_free(tee);
	trw_stream_free(s);
	trw_image_close(image);
}

static void
data_and_holes_come_in_order_without_damage(void **state)
{
	struct trw_extent v[] = {
		{8, 4, TRW_EXTENT_DATA}, {0, 3, TRW_EXTENT_HOLE}, {0, 2, TRW_EXTENT_DATA}};
	struct trw_task task = {.source = TRW_CONTENT_EXTENTS, .size = 9, .extents = {v, 3, 3, 9}};
	struct taken t = {0};
	struct trw_stream_report report;
	(void)state;

	read_task(&task, &t, &report);
	assert_int_equal(t.n, 9);
	assert_memory_equal(t.v, "xxxx\0\0\0xx", 9);
	assert_int_equal(report.damage.n, 0);
}

static void
lost_bytes_and_those_past_the_image_and_past_the_extents_are_missing(void **state)
{
	struct trw_extent v[] = {{60, 8, TRW_EXTENT_DATA}, {0, 2, TRW_EXTENT_LOST}};
	struct trw_task task = {
		.source = TRW_CONTENT_EXTENTS, .size = 20, .extents = {v, 2, 2, 10}};
	struct taken t = {0};
	struct trw_stream_report report;
	(void)state;

	read_task(&task, &t, &report);
	assert_int_equal(t.n, 20);
	assert_int_equal(t.n_missing, 16);
	assert_int_equal(report.damage.n, 1);
	assert_int_equal(report.damage.v[0].off, 4);
	assert_int_equal(report.damage.v[0].len, 16);
	assert_int_equal(report.damage.v[0].why, TRW_DAMAGE_MISSING);
	assert_int_equal(trw_task_sparse(&task, 64), 16);
	trw_ranges_clear(&report.damage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_and_holes_come_in_order_without_damage),
		cmocka_unit_test(
			lost_bytes_and_those_past_the_image_and_past_the_extents_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
