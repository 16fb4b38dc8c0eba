/* SPDX-License-Identifier: Apache-2.0 */
/** A stream's spans: without a gap from 0 to its size, and each byte of the kind that its extent says. */
#include "sweep/spans.h"

#include "unit/fixture/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define IMAGE ((uint64_t)1000) /* bytes */
#define SPANS_MAX 64

static void
add(struct trw_extents *xs, enum trw_extent_kind kind, uint64_t off, uint64_t len)
{
	assert_int_equal(trw_extents_add(xs, kind, off, len, NULL), TRW_OK);
}

static size_t
walk(const struct trw_extents *xs, uint64_t size, uint64_t image_size, struct trw_span *out)
{
	struct trw_spans l = {.extents = xs, .size = size, .image_size = image_size};
	uint64_t at = 0;
	size_t n = 0;

	while (trw_spans_next(&l, &out[n])) {
		assert_int_equal(out[n].at, at);
		assert_true(out[n].len > 0);
		at += out[n++].len;
		assert_true(n < SPANS_MAX);
	}
	assert_int_equal(at, size);
	assert_false(trw_spans_next(&l, &out[n])); /* and stays at the end */
	return n;
}

static void
expect_span(const struct trw_span *s, enum trw_span_kind kind, uint64_t off, uint64_t len)
{
	assert_int_equal(s->kind, kind);
	assert_int_equal(s->off, off);
	assert_int_equal(s->len, len);
}

static void
each_kind_of_extent_is_its_kind_of_span(void **state)
{
	struct trw_extents xs = {0};
	struct trw_span v[SPANS_MAX];
	(void)state;

	add(&xs, TRW_EXTENT_HOLE, 0, 10);
	add(&xs, TRW_EXTENT_DATA, 500, 20);
	add(&xs, TRW_EXTENT_LOST, 0, 30);
	add(&xs, TRW_EXTENT_DATA, 100, 40);
	add(&xs, TRW_EXTENT_UNINIT, 0, 50);
	assert_int_equal(walk(&xs, 150, IMAGE, v), 5);
	expect_span(&v[0], TRW_SPAN_ZERO, 0, 10);
	expect_span(&v[1], TRW_SPAN_DATA, 500, 20);
	expect_span(&v[2], TRW_SPAN_LOST, 0, 30);
	expect_span(&v[3], TRW_SPAN_DATA, 100, 40);
	expect_span(&v[4], TRW_SPAN_ZERO, 0, 50);
	trw_extents_clear(&xs);
}

static void
size_cuts_the_extents_or_they_end_short(void **state)
{
	struct trw_extents xs = {0};
	struct trw_span v[SPANS_MAX];
	(void)state;

	assert_int_equal(walk(&xs, 0, IMAGE, v), 0);
	assert_int_equal(walk(&xs, 7, IMAGE, v), 1);
	expect_span(&v[0], TRW_SPAN_SHORT, 0, 7);
	add(&xs, TRW_EXTENT_DATA, 100, 40);
	add(&xs, TRW_EXTENT_DATA, 200, 40);
	assert_int_equal(walk(&xs, 40, IMAGE, v), 1);
	assert_int_equal(walk(&xs, 41, IMAGE, v), 2);
	expect_span(&v[1], TRW_SPAN_DATA, 200, 1);
	assert_int_equal(walk(&xs, UINT64_MAX, IMAGE, v), 3);
	expect_span(&v[2], TRW_SPAN_SHORT, 0, UINT64_MAX - 80);
	trw_extents_clear(&xs);
}

static void
bytes_past_the_end_of_the_image_are_outside(void **state)
{
	struct trw_extents xs = {0};
	struct trw_span v[SPANS_MAX];
	(void)state;

	add(&xs, TRW_EXTENT_DATA, IMAGE - 10, 30);
	add(&xs, TRW_EXTENT_DATA, IMAGE, 5);
	add(&xs, TRW_EXTENT_DATA, INT64_MAX - 6, 6);
	assert_int_equal(walk(&xs, 40, IMAGE, v), 4);
	expect_span(&v[0], TRW_SPAN_DATA, IMAGE - 10, 10);
	expect_span(&v[1], TRW_SPAN_OUTSIDE, IMAGE + 20, 20);
	expect_span(&v[2], TRW_SPAN_OUTSIDE, IMAGE + 5, 5);
	expect_span(&v[3], TRW_SPAN_OUTSIDE, INT64_MAX - 1, 5);
	assert_int_equal(
		walk(&xs, 15, IMAGE, v), 2); /* where the part that the stream has would end */
	expect_span(&v[1], TRW_SPAN_OUTSIDE, IMAGE + 5, 5);
	assert_int_equal(walk(&xs, 40, 0, v), 3);
	expect_span(&v[0], TRW_SPAN_OUTSIDE, IMAGE + 20, 30);
	trw_extents_clear(&xs);
}

/* The kind and image offset of one byte, by counting. */
static enum trw_span_kind
kind_of(const struct trw_extents *xs, uint64_t image_size, uint64_t at, uint64_t *off)
{
	for (size_t i = 0; i < xs->n; at -= xs->v[i++].len) {
		if (at >= xs->v[i].len)
			continue;
		*off = xs->v[i].off + at;
		if (xs->v[i].kind == TRW_EXTENT_LOST)
			return TRW_SPAN_LOST;
		if (xs->v[i].kind != TRW_EXTENT_DATA)
			return TRW_SPAN_ZERO;
		return *off < image_size ? TRW_SPAN_DATA : TRW_SPAN_OUTSIDE;
	}
	return TRW_SPAN_SHORT;
}

static void
every_byte_has_the_kind_and_place_that_counting_gives(void **state)
{
	(void)state;

	for (int round = 0; round < 500; round++) {
		struct trw_extents xs = {0};
		struct trw_span v[SPANS_MAX];
		size_t n;

		for (uint64_t k = below(12); k > 0; k--)
			add(&xs, (enum trw_extent_kind)(below(3) > 0 ? 0 : below(4)),
				below(IMAGE + 40), 1 + below(60));
		n = walk(&xs, below(xs.total + 20), IMAGE, v);
		for (size_t i = 0; i < n; i++)
			for (uint64_t k = 0; k < v[i].len; k++) {
				uint64_t off = 0;
				assert_int_equal(kind_of(&xs, IMAGE, v[i].at + k, &off), v[i].kind);
				if (v[i].kind == TRW_SPAN_DATA)
					assert_int_equal(off, v[i].off + k);
			}
		trw_extents_clear(&xs);
	}
}

static void
cause_is_one_line_for_missing_bytes_only(void **state)
{
	struct trw_span s = {TRW_SPAN_DATA, 5, 6, 7};
	char text[100] = "x", tight[8];
	(void)state;

	trw_span_cause(&s, IMAGE, text, sizeof(text));
	assert_string_equal(text, "");
	s.kind = TRW_SPAN_ZERO;
	text[0] = 'x';
	trw_span_cause(&s, IMAGE, text, sizeof(text));
	assert_string_equal(text, "");
	s = (struct trw_span){TRW_SPAN_OUTSIDE, 1234, 6, 7};
	trw_span_cause(&s, IMAGE, text, sizeof(text));
	assert_string_equal(text, "image ends at byte 1000, the content goes on to byte 1234");
	trw_span_cause(&s, IMAGE, tight, sizeof(tight));
	assert_string_equal(tight, "image e");
	s.kind = TRW_SPAN_LOST;
	trw_span_cause(&s, IMAGE, text, sizeof(text));
	assert_non_null(strstr(text, "does not say"));
	s.kind = TRW_SPAN_SHORT;
	trw_span_cause(&s, IMAGE, text, sizeof(text));
	assert_non_null(strstr(text, "end before"));
}

static void
sparse_is_a_stream_of_zeros_up_to_its_end(void **state)
{
	struct trw_extents xs = {0};
	(void)state;

	assert_false(trw_spans_are_sparse(&xs, 0));
	assert_false(trw_spans_are_sparse(&xs, 1));
	add(&xs, TRW_EXTENT_HOLE, 0, 10);
	add(&xs, TRW_EXTENT_UNINIT, 0, 10);
	assert_false(trw_spans_are_sparse(&xs, 0));
	assert_true(trw_spans_are_sparse(&xs, 20));
	assert_false(trw_spans_are_sparse(&xs, 21)); /* the extents end short */
	add(&xs, TRW_EXTENT_LOST, 0, 1);
	assert_false(trw_spans_are_sparse(&xs, 21));
	trw_extents_clear(&xs);
	add(&xs, TRW_EXTENT_HOLE, 0, 10);
	add(&xs, TRW_EXTENT_DATA, 5, 1);
	assert_false(trw_spans_are_sparse(&xs, 11));
	trw_extents_clear(&xs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_extent_is_its_kind_of_span),
		cmocka_unit_test(size_cuts_the_extents_or_they_end_short),
		cmocka_unit_test(bytes_past_the_end_of_the_image_are_outside),
		cmocka_unit_test(every_byte_has_the_kind_and_place_that_counting_gives),
		cmocka_unit_test(cause_is_one_line_for_missing_bytes_only),
		cmocka_unit_test(sparse_is_a_stream_of_zeros_up_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
