/* SPDX-License-Identifier: Apache-2.0 */
/** Pieces in order, in memory and out of it; bytes that come back from a spool as they went in. */
#include "sweep/plan/pieces.h"

#include "base/alloc.h"
#include "base/io.h"
#include "unit/fixture/draw.h"
#include "base/spool.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "."

static int
compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
by_order(const void *x, const void *y)
{
	const struct trw_plan_piece *a = x, *b = y;
	int c = compare(a->off, b->off);

	c = c != 0 ? c : compare(a->stream, b->stream);
	c = c != 0 ? c : compare(a->at, b->at);
	return c != 0 ? c : compare(a->len, b->len);
}

enum shape { WILD, NARROW, EQUAL, SORTED, NEARLY, BACKWARD, SKEWED, N_SHAPES };

static struct trw_plan_piece
make_piece(enum shape shape, size_t i)
{
	struct trw_plan_piece p = {draw(), draw(), draw(), draw()};

	switch (shape) {
	case NARROW: /* many ties in every field */
		return (struct trw_plan_piece){p.off % 3, p.len % 2, p.at % 5, p.stream % 4};
	case EQUAL:
		return (struct trw_plan_piece){.off = 7};
	case SORTED:
		p.off = i;
		return p;
	case NEARLY:
		p.off = i + (p.off % 64 == 0 ? p.at % 1000 : 0);
		return p;
	case BACKWARD:
		p.off = UINT64_MAX - i;
		return p;
	case SKEWED: /* each of the 64 digits matters to few */
		p.off = UINT64_MAX >> p.at % 64;
		p.stream = UINT64_MAX >> p.len % 64;
		return p;
	case WILD:
	case N_SHAPES:
		break;
	}
	return p;
}

static struct trw_plan_piece *
make_pieces(enum shape shape, size_t n)
{
	struct trw_plan_piece *v = calloc(n + 1, sizeof(*v));

	assert_non_null(v);
	draw_from(88172645463325252ULL + (uint64_t)shape);
	for (size_t i = 0; i < n; i++)
		v[i] = make_piece(shape, i);
	return v;
}

/* The pieces of v through a sorter, back into v. */
static enum trw_status
pass_through(struct trw_plan_piece *v, size_t n, uint64_t memory, struct trw_err *err)
{
	struct trw_extsort *s = NULL;
	struct trw_plan_piece end;
	enum trw_status status = trw_pieces_new(memory, FOLDER, &s, err);

	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = trw_pieces_put(s, &v[i], err);
	if (status == TRW_OK)
		status = trw_extsort_seal(s, err);
	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = trw_pieces_next(s, &v[i], err);
	if (status == TRW_OK) {
		assert_int_equal(trw_pieces_next(s, &end, err), TRW_END);
		assert_int_equal(trw_pieces_next(s, &end, err), TRW_END);
	}
	trw_extsort_free(s);
	return status;
}

static void
check_all_shapes(size_t n, uint64_t memory)
{
	for (enum shape shape = WILD; shape < N_SHAPES; shape++) {
		struct trw_plan_piece *v = make_pieces(shape, n), *want = make_pieces(shape, n);
		struct trw_err err = {0};

		qsort(want, n, sizeof(*want), by_order);
		assert_int_equal(pass_through(v, n, memory, &err), TRW_OK);
		assert_memory_equal(v, want, n * sizeof(*v));
		free(v);
		free(want);
	}
}

static void
pieces_of_every_shape_are_sorted_in_memory(void **state)
{
	static const size_t counts[] = {0, 1, 2, 23, 24, 25, 26, 1000, 40000};
	(void)state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		check_all_shapes(counts[i], UINT64_MAX);
}

static void
spilled_pieces_come_in_the_same_order(void **state)
{
	size_t run = TRW_EXTSORT_MEMORY_MIN / sizeof(struct trw_plan_piece);
	(void)state;

	/* One run and none; exactly one full run; more than one merge can take; more than one pass can. */
	check_all_shapes(run, 0);
	check_all_shapes(run + 1, 0);
	check_all_shapes(2 * run, 0);
	check_all_shapes(15 * run, 0);
	check_all_shapes(15 * run + 1, 0);
	check_all_shapes(16 * 15 * run + 1, 0);
}

static void
every_allocation_and_read_that_fails_is_said(void **state)
{
	size_t n = 20 * TRW_EXTSORT_MEMORY_MIN / sizeof(struct trw_plan_piece);
	struct trw_plan_piece *v = make_pieces(WILD, n), *copy = calloc(n, sizeof(*v));
	enum trw_status status = TRW_ENOMEM;
	(void)state;

	assert_non_null(copy);
	for (uint64_t nth = 1; status < 0; nth++) {
		struct trw_err err = {0};

		memcpy(copy, v, n * sizeof(*v));
		trw_alloc_fail_at(nth);
		status = pass_through(copy, n, 0, &err);
		assert_true(status == TRW_OK || status == TRW_ENOMEM);
		assert_int_equal(err.status, status);
	}
	status = TRW_EIO;
	for (uint64_t nth = 1; status < 0; nth += 7) {
		struct trw_err err = {0};

		memcpy(copy, v, n * sizeof(*v));
		trw_alloc_fail_at(0);
		trw_pread_fail_at(nth);
		status = pass_through(copy, n, 0, &err);
		assert_true(status == TRW_OK || status == TRW_EIO);
		assert_true(status == TRW_OK || strstr(err.text, FOLDER ": ") == err.text);
	}
	trw_pread_fail_at(0);
	free(copy);
	free(v);
}

/* Spools that end in memory, in the tail and in the file. */
static void
spooled_bytes_come_back_from_any_place(void **state)
{
	static const uint64_t memories[] = {0, 1, 1025, 4096, 10000, 1 << 20};
	static uint8_t bytes[100000], back[sizeof(bytes)];
	(void)state;

	draw_from(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)draw();
	for (size_t m = 0; m < sizeof(memories) / sizeof(memories[0]); m++) {
		struct trw_spool s = trw_spool_begin(memories[m], FOLDER);
		struct trw_err err = {0};

		for (size_t n = 0, part; n < sizeof(bytes); n += part) {
			part = draw() % 3000;
			if (part > sizeof(bytes) - n)
				part = sizeof(bytes) - n;
			assert_int_equal(s.n, n);
			assert_int_equal(trw_spool_put(&s, bytes + n, part, &err), TRW_OK);
		}
		for (int i = 0; i < 500; i++) {
			size_t off = draw() % (sizeof(bytes) + 1);
			size_t len = draw() % (sizeof(bytes) + 1 - off);

			assert_int_equal(trw_spool_get(&s, off, back, len, &err), TRW_OK);
			assert_memory_equal(back, bytes + off, len);
		}
		assert_true(s.head.cap + s.tail.cap <= memories[m] + 2048);
		trw_spool_clear(&s);
	}
}

/* Files may not grow past max bytes while this holds; 0 ends it. */
static void
limit_files(rlim_t max)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = max > 0 ? max : limit.rlim_max;
	(void)signal(SIGXFSZ, max > 0 ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
full_disk_is_said_with_the_folder_and_what_to_do(void **state)
{
	size_t n = 40 * TRW_EXTSORT_MEMORY_MIN / sizeof(struct trw_plan_piece);
	struct trw_plan_piece *v = make_pieces(WILD, n);
	struct trw_err err = {0};
	enum trw_status status;
	(void)state;

	limit_files(1 << 20);
	status = pass_through(v, n, 0, &err);
	limit_files(0);
	assert_int_equal(status, TRW_EIO);
	assert_true(strstr(err.text, FOLDER ": ") == err.text);
	assert_non_null(strstr(err.text, "free space there, or raise --memory"));
	free(v);
}

static void
missing_folder_is_said_at_the_first_spill(void **state)
{
	struct trw_extsort *s = NULL;
	struct trw_err err = {0};
	struct trw_plan_piece p = {0};
	enum trw_status status = TRW_OK;
	size_t n = 0;
	(void)state;

	assert_int_equal(trw_pieces_new(0, "/nowhere/at/all", &s, &err), TRW_OK);
	for (; status == TRW_OK; n++)
		status = trw_pieces_put(s, &p, &err);
	assert_in_range(n, TRW_EXTSORT_MEMORY_MIN / sizeof(p) / 8 * 7,
		TRW_EXTSORT_MEMORY_MIN / sizeof(p) + 1);
	assert_int_equal(status, TRW_EIO);
	assert_string_equal(err.text,
		"/nowhere/at/all: temporary file: cannot make it: "
		"No such file or directory: make the folder writable, or raise --memory");
	trw_extsort_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_every_shape_are_sorted_in_memory),
		cmocka_unit_test(spilled_pieces_come_in_the_same_order),
		cmocka_unit_test(every_allocation_and_read_that_fails_is_said),
		cmocka_unit_test(spooled_bytes_come_back_from_any_place),
		cmocka_unit_test(full_disk_is_said_with_the_folder_and_what_to_do),
		cmocka_unit_test(missing_folder_is_said_at_the_first_spill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
