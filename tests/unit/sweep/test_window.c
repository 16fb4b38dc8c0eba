/* SPDX-License-Identifier: Apache-2.0 */
/** Windows of a sweep, and the lock that their users meet at: states, references, the queue of whole streams. */
#include "sweep/window.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define N 4

struct scene {
	struct trw_ready ready;
	struct trw_windows windows;
	atomic_uint_least64_t bytes, piece_bytes;
};

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -1;
	trw_ready_init(&s->ready);
	assert_int_equal(trw_windows_init(&s->windows, &s->ready, N, 4096, 2, NULL), TRW_OK);
	s->windows.bytes_done = &s->bytes;
	s->windows.piece_bytes_done = &s->piece_bytes;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	trw_windows_clear(&s->windows);
	trw_ready_destroy(&s->ready);
	free(s);
	return 0;
}

/* A window with n whole streams, fetched. */
static struct trw_window *
fetched(struct scene *s, size_t n_files)
{
	struct trw_window *w = trw_windows_take(&s->windows);

	assert_non_null(w);
	w->len = 100;
	w->piece_bytes = 10;
	if (n_files > 0 && w->files == NULL)
		w->files = calloc(n_files, sizeof(*w->files));
	w->n_files = n_files;
	trw_window_fetched(&s->windows, w);
	return w;
}

static void
deliver(struct scene *s, struct trw_window *w)
{
	trw_ready_lock(&s->ready);
	trw_window_unpacked(&s->windows, w);
	trw_window_delivered(&s->windows, w);
	trw_ready_unlock(&s->ready);
}

static void
unref(struct scene *s, struct trw_window *w, unsigned n)
{
	trw_ready_lock(&s->ready);
	for (; n > 0; n--)
		trw_window_unref(&s->windows, w);
	trw_ready_unlock(&s->ready);
}

static void
window_is_free_again_when_delivery_and_both_media_chains_have_had_it(void **state)
{
	struct scene *s = *state;
	struct trw_window *w = fetched(s, 0);

	assert_int_equal(w->refs, 3);
	deliver(s, w);
	assert_int_equal(w->state, TRW_WINDOW_DELIVERED);
	unref(s, w, 1);
	assert_int_equal(s->windows.n_in_use, 1);
	assert_int_equal(atomic_load(&s->bytes), 0);
	unref(s, w, 1);
	assert_int_equal(w->state, TRW_WINDOW_FREE);
	assert_int_equal(s->windows.n_in_use, 0);
	assert_int_equal(atomic_load(&s->bytes), 100);
	assert_int_equal(atomic_load(&s->piece_bytes), 10);
}

static void
windows_are_found_by_number_while_they_come_round(void **state)
{
	struct scene *s = *state;

	for (uint64_t number = 0; number < 3 * N; number++) {
		struct trw_window *w = fetched(s, 0);
		trw_ready_lock(&s->ready);
		assert_ptr_equal(trw_windows_at(&s->windows, number), w);
		trw_ready_unlock(&s->ready);
		deliver(s, w);
		unref(s, w, 2);
	}
	assert_int_equal(s->windows.n_fetched, 3 * N);
}

static void
one_that_was_not_needed_has_no_number_and_counts_nothing(void **state)
{
	struct scene *s = *state;
	struct trw_window *w = trw_windows_take(&s->windows);

	assert_int_equal(w->state, TRW_WINDOW_PLANNED);
	trw_window_give_back(&s->windows, w);
	assert_int_equal(w->state, TRW_WINDOW_FREE);
	assert_int_equal(s->windows.n_fetched, 0);
	assert_int_equal(atomic_load(&s->bytes), 0);
}

static void
whole_streams_are_taken_once_in_order_and_hold_their_window(void **state)
{
	struct scene *s = *state;
	struct trw_window *first = fetched(s, 5), *none = fetched(s, 0), *last = fetched(s, 1);
	size_t from, to, at = 0;

	deliver(s, first);
	deliver(s, none);
	deliver(s, last);
	unref(s, first, 2);
	trw_ready_lock(&s->ready);
	for (struct trw_window *w;
		(w = trw_windows_next_files(&s->windows, 2, &from, &to)) == first; at = to) {
		assert_int_equal(from, at);
		assert_in_range(to - from, 1, 2);
		trw_window_unref(&s->windows, w);
		assert_int_equal(first->state == TRW_WINDOW_FREE, to == 5);
	}
	assert_int_equal(at, 5);
	assert_int_equal(to, 1); /* of last */
	assert_null(trw_windows_next_files(&s->windows, 2, &from, &to));
	assert_int_equal(last->refs, 3); /* media's and the taker's */
	trw_ready_unlock(&s->ready);
}

struct waiter {
	struct scene *s;
	struct trw_window *got;
};

static void *
take(void *arg)
{
	struct waiter *w = arg;

	w->got = trw_windows_take(&w->s->windows);
	return NULL;
}

static void
reader_waits_until_a_window_is_free(void **state)
{
	struct scene *s = *state;
	struct waiter waiter = {.s = s};
	struct trw_window *w[N];
	pthread_t thread;

	for (size_t i = 0; i < N; i++)
		w[i] = fetched(s, 0);
	trw_ready_lock(&s->ready);
	assert_false(trw_windows_has_room(&s->windows));
	trw_ready_unlock(&s->ready);
	assert_int_equal(pthread_create(&thread, NULL, take, &waiter), 0);
	deliver(s, w[2]);
	unref(s, w[2], 2);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_ptr_equal(waiter.got, w[2]);
}

static void
failure_wakes_the_reader_and_the_first_error_stays(void **state)
{
	struct scene *s = *state;
	struct waiter waiter = {.s = s, .got = (void *)s};
	struct trw_err err = {0};
	pthread_t thread;

	for (size_t i = 0; i < N; i++)
		(void)fetched(s, 0);
	assert_int_equal(pthread_create(&thread, NULL, take, &waiter), 0);
	(void)trw_fail(&err, TRW_EIO, "first");
	trw_ready_fail(&s->ready, &err);
	(void)trw_fail(&err, TRW_ENOMEM, "second");
	trw_ready_fail(&s->ready, &err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_null(waiter.got);
	assert_true(s->ready.has_failed);
	assert_int_equal(s->ready.err.status, TRW_EIO);
	assert_string_equal(s->ready.err.text, "first");
}

static void *
ask(void *ready)
{
	return trw_ready_is_held(ready) ? ready : NULL;
}

static void
only_its_holder_holds_the_lock(void **state)
{
	struct scene *s = *state;
	pthread_t thread;
	void *answer = s;

	assert_false(trw_ready_is_held(&s->ready));
	trw_ready_lock(&s->ready);
	assert_true(trw_ready_is_held(&s->ready));
	assert_int_equal(pthread_create(&thread, NULL, ask, &s->ready), 0);
	assert_int_equal(pthread_join(thread, &answer), 0);
	assert_null(answer);
	trw_ready_unlock(&s->ready);
	assert_false(trw_ready_is_held(&s->ready));
}

static void
failed_allocation_leaves_windows_that_can_be_cleared(void **state)
{
	struct trw_ready ready;
	struct trw_windows windows;
	(void)state;

	trw_ready_init(&ready);
	for (uint64_t nth = 1; nth <= 2; nth++) {
		trw_alloc_fail_at(nth);
		assert_int_equal(trw_windows_init(&windows, &ready, N, 4096, 0, NULL), TRW_ENOMEM);
		trw_alloc_fail_at(0);
		trw_windows_clear(&windows);
	}
	trw_ready_destroy(&ready);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(window_is_free_again_when_delivery_and_both_media_chains_have_had_it),
		TEST(windows_are_found_by_number_while_they_come_round),
		TEST(one_that_was_not_needed_has_no_number_and_counts_nothing),
		TEST(whole_streams_are_taken_once_in_order_and_hold_their_window),
		TEST(reader_waits_until_a_window_is_free),
		TEST(failure_wakes_the_reader_and_the_first_error_stays),
		TEST(only_its_holder_holds_the_lock),
		TEST(failed_allocation_leaves_windows_that_can_be_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
