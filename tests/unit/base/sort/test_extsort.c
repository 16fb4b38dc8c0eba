/* SPDX-License-Identifier: Apache-2.0 */
/** Records of one size and of any, in memory and in runs, held against qsort. */
#include "base/sort/extsort.h"

#include "base/alloc.h"
#include "base/io.h"
#include "base/sort/heap.h"
#include "base/sort/keysort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "."
#define MEMORY_MIN TRW_EXTSORT_MEMORY_MIN
#define LEN_MAX 300

static const size_t sizes[] = {16, 20, 28, 32, 48, 64};

/* splitmix64 (Steele, Lea, Flood 2014) of a counter. */
static uint64_t
mixed(uint64_t x)
{
	x *= 0x9E3779B97F4A7C15;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
	x = (x ^ x >> 27) * 0x94D049BB133111EB;
	return x ^ x >> 31;
}

/* Of few different bytes when is_narrow: many ties, and most in one bucket. */
static uint8_t *
keys_make(size_t n, size_t size, bool is_narrow)
{
	uint8_t *v = malloc(n * size + 1);

	assert_non_null(v);
	for (size_t i = 0; i < n * size; i++)
		v[i] = (uint8_t)(is_narrow ? mixed(i) % 2 : mixed(i));
	return v;
}

static size_t compared;

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, compared);
}

static enum trw_status
keys_pass(uint8_t *v, size_t n, const struct trw_extsort_options *o, struct trw_err *err)
{
	struct trw_extsort *s = NULL;
	const uint8_t *p;
	size_t len;
	enum trw_status st = trw_extsort_new(o, &s, err);

	for (size_t i = 0, part; st == TRW_OK && i < n; i += part) {
		part = n - i < 7 ? n - i : 7;
		st = trw_extsort_put_keys(s, v + i * o->size, part, err);
	}
	if (st == TRW_OK)
		st = trw_extsort_seal(s, err);
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		st = trw_extsort_next(s, &p, &len, err);
		if (st != TRW_OK)
			break;
		assert_int_equal(len, o->size);
		memcpy(v + i * o->size, p, len);
	}
	if (st == TRW_OK)
		assert_int_equal(trw_extsort_next(s, &p, &len, err), TRW_END);
	trw_extsort_free(s);
	return st;
}

static void
keys_check(size_t n, size_t size, bool is_narrow, uint64_t memory, unsigned n_threads)
{
	const struct trw_extsort_options o = {
		.size = size, .memory = memory, .n_threads = n_threads, .folder = FOLDER};
	uint8_t *v = keys_make(n, size, is_narrow), *want = keys_make(n, size, is_narrow);
	struct trw_err err = {0};

	compared = size;
	qsort(want, n, size, by_bytes);
	assert_int_equal(keys_pass(v, n, &o, &err), TRW_OK);
	assert_memory_equal(v, want, n * size);
	free(v);
	free(want);
}

static void
keys_of_every_size_come_in_order(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		size_t full = MEMORY_MIN / sizes[s];

		keys_check(0, sizes[s], false, UINT64_MAX, 1);
		keys_check(1, sizes[s], false, UINT64_MAX, 1);
		keys_check(50000, sizes[s], false, UINT64_MAX, 3);
		keys_check(50000, sizes[s], true, UINT64_MAX, 3);
		keys_check(3 * full, sizes[s], false, 0, 2);  /* a few runs */
		keys_check(40 * full, sizes[s], false, 0, 1); /* more than one merge can take */
		keys_check(40 * full, sizes[s], true, 0, 1);
	}
}

struct record {
	uint64_t prefix;
	size_t len;
	uint8_t bytes[LEN_MAX];
};

static int
by_record(const void *x, const void *y)
{
	const struct record *a = x, *b = y;
	int c = (a->prefix > b->prefix) - (a->prefix < b->prefix);

	if (c == 0)
		c = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
	return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

/* Some share their prefix, some begin alike, some are alike. */
static struct record *
records_make(size_t n)
{
	struct record *v = calloc(n, sizeof(*v));

	assert_non_null(v);
	for (size_t i = 0; i < n; i++) {
		uint64_t r = mixed(i);
		v[i].prefix = r % 3 == 0 ? r % 64 << 56 : r;
		v[i].len = 1 + (size_t)(mixed(r) % LEN_MAX);
		memset(v[i].bytes, (int)(r % 5), v[i].len);
		v[i].bytes[v[i].len - 1] = (uint8_t)r;
	}
	return v;
}

static enum trw_status
records_pass(const struct record *v, const struct record *want, size_t n, uint64_t memory,
	struct trw_err *err)
{
	const struct trw_extsort_options o = {.memory = memory, .n_threads = 2, .folder = FOLDER};
	struct trw_extsort *s = NULL;
	const uint8_t *p;
	size_t len;
	enum trw_status st = trw_extsort_new(&o, &s, err);

	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = trw_extsort_put(s, v[i].prefix, v[i].bytes, v[i].len, err);
	if (st == TRW_OK)
		st = trw_extsort_seal(s, err);
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		st = trw_extsort_next(s, &p, &len, err);
		if (st != TRW_OK)
			break;
		assert_int_equal(len, want[i].len);
		assert_memory_equal(p, want[i].bytes, len);
	}
	if (st == TRW_OK)
		assert_int_equal(trw_extsort_next(s, &p, &len, err), TRW_END);
	trw_extsort_free(s);
	return st;
}

static void
records_of_any_length_go_by_prefix_then_bytes_then_length(void **state)
{
	static const uint64_t memories[] = {UINT64_MAX, 1 << 20, 0};
	size_t n = 20000;
	struct record *v = records_make(n), *want = records_make(n);
	struct trw_err err = {0};
	(void)state;

	qsort(want, n, sizeof(*want), by_record);
	for (size_t m = 0; m < sizeof(memories) / sizeof(memories[0]); m++)
		assert_int_equal(records_pass(v, want, n, memories[m], &err), TRW_OK);
	free(v);
	free(want);
}

static void
a_record_longer_than_its_buffer_comes_back_whole(void **state)
{
	const struct trw_extsort_options o = {.n_threads = 1, .folder = FOLDER};
	size_t len = (size_t)3 << 20, got;
	uint8_t *big = calloc(1, len);
	struct trw_extsort *s = NULL;
	struct trw_err err = {0};
	const uint8_t *p;
	(void)state;

	assert_non_null(big);
	assert_int_equal(trw_extsort_new(&o, &s, &err), TRW_OK);
	for (unsigned i = 3; i-- > 0;) {
		big[len - 1] = (uint8_t)i;
		assert_int_equal(trw_extsort_put(s, i, big, len, &err), TRW_OK);
	}
	assert_int_equal(trw_extsort_put(s, 0, big, TRW_EXTSORT_RECORD_MAX + 1, &err), TRW_ELIMIT);
	assert_int_equal(trw_extsort_seal(s, &err), TRW_OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(trw_extsort_next(s, &p, &got, &err), TRW_OK);
		assert_int_equal(got, len);
		assert_int_equal(p[len - 1], i);
	}
	assert_int_equal(trw_extsort_next(s, &p, &got, &err), TRW_END);
	trw_extsort_free(s);
	free(big);
}

static void
what_is_held_is_no_more_than_was_allowed(void **state)
{
	static const struct trw_extsort_options o = {
		.size = 32, .memory = (uint64_t)4 << 20, .n_threads = 1, .folder = FOLDER};
	uint8_t key[32] = {0};
	(void)state;

	for (size_t n = 1000; n <= 1000000; n *= 1000) {
		struct trw_extsort *s = NULL;
		struct trw_err err = {0};

		assert_int_equal(trw_extsort_new(&o, &s, &err), TRW_OK);
		assert_int_equal(trw_extsort_memory(s), o.memory);
		for (size_t i = 0; i < n; i++) {
			uint64_t r = mixed(i);
			memcpy(key, &r, sizeof(r));
			assert_int_equal(trw_extsort_put_keys(s, key, 1, &err), TRW_OK);
		}
		assert_int_equal(trw_extsort_seal(s, &err), TRW_OK);
		assert_in_range(trw_extsort_memory(s), 1, n > 1000 ? o.memory : o.memory / 2);
		trw_extsort_free(s);
	}
}

static void
every_allocation_and_read_that_fails_is_said(void **state)
{
	size_t n = 3000;
	struct record *v = records_make(n), *want = records_make(n);
	enum trw_status st = TRW_ENOMEM;
	(void)state;

	qsort(want, n, sizeof(*want), by_record);
	for (uint64_t nth = 1; st < 0; nth++) {
		struct trw_err err = {0};
		trw_alloc_fail_at(nth);
		st = records_pass(v, want, n, 0, &err);
		assert_true(st == TRW_OK || st == TRW_ENOMEM);
		assert_int_equal(err.status, st);
	}
	trw_alloc_fail_at(0);
	st = TRW_EIO;
	for (uint64_t nth = 1; st < 0; nth++) {
		struct trw_err err = {0};
		trw_pread_fail_at(nth);
		st = records_pass(v, want, n, 0, &err);
		assert_true(st == TRW_OK || st == TRW_EIO);
		assert_int_equal(err.status, st);
	}
	trw_pread_fail_at(0);
	free(v);
	free(want);
}

/* Elements keep what stands behind the key. */
static void
elements_are_sorted_by_their_key_alone(void **state)
{
	size_t n = 3000, size = 32, key = 8;
	uint8_t *v = keys_make(n, size, false);
	uint64_t sum = 0, want = 0;
	(void)state;

	for (size_t i = 0; i < n; i++) {
		uint64_t r = mixed(i) % 500;
		memcpy(v + i * size, &r, sizeof(r));
		want += r * v[i * size + 31];
	}
	trw_keysort(v, n, size, key);
	for (size_t i = 0; i < n; i++) {
		uint64_t r;
		memcpy(&r, v + i * size, sizeof(r));
		sum += r * v[i * size + 31];
		if (i > 0)
			assert_true(memcmp(v + (i - 1) * size, v + i * size, key) <= 0);
	}
	assert_true(sum == want);
	free(v);
}

static bool
is_less(const void *a, const void *b)
{
	return *(const uint64_t *)a < *(const uint64_t *)b;
}

static void
heap_gives_the_least_first(void **state)
{
	uint64_t v[1000], last = 0;
	(void)state;

	for (size_t n = 0; n < 1000; n++) {
		v[n] = mixed(n) % 300;
		trw_heap_up(v, sizeof(v[0]), n, is_less);
	}
	for (size_t n = 1000; n > 0;) {
		assert_true(v[0] >= last);
		last = v[0];
		v[0] = v[--n];
		trw_heap_down(v, n, sizeof(v[0]), 0, is_less);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_every_size_come_in_order),
		cmocka_unit_test(records_of_any_length_go_by_prefix_then_bytes_then_length),
		cmocka_unit_test(a_record_longer_than_its_buffer_comes_back_whole),
		cmocka_unit_test(what_is_held_is_no_more_than_was_allowed),
		cmocka_unit_test(every_allocation_and_read_that_fails_is_said),
		cmocka_unit_test(elements_are_sorted_by_their_key_alone),
		cmocka_unit_test(heap_gives_the_least_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
