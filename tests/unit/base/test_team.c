/* SPDX-License-Identifier: Apache-2.0 */
#include "base/team.h"

#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#define N_ITEMS 5000

struct tally {
	atomic_uint done[N_ITEMS];
	atomic_uint busy[TRW_TEAM_MAX]; /* members at work */
	atomic_uint n_overlaps, member_max;
	pthread_t caller;
	size_t last; /* item, of a team of one */
	bool is_disordered;
};

static void
count(void *ctx, unsigned member, size_t item)
{
	struct tally *t = ctx;
	unsigned seen = atomic_load(&t->member_max);

	if (atomic_fetch_add(&t->busy[member], 1) > 0)
		atomic_fetch_add(&t->n_overlaps, 1);
	while (member > seen && !atomic_compare_exchange_weak(&t->member_max, &seen, member))
		;
	atomic_fetch_add(&t->done[item], 1);
	atomic_fetch_sub(&t->busy[member], 1);
}

static void
every_item_is_done_once_by_members_that_never_overlap(void **state)
{
	static const unsigned sizes[] = {0, 1, 2, 3, 8, TRW_TEAM_MAX, TRW_TEAM_MAX + 10};
	static struct tally t;
	(void)state;

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		size_t n = s % 2 == 0 ? N_ITEMS : 5;
		memset(&t, 0, sizeof(t));
		trw_team_run(sizes[s], n, count, &t);
		for (size_t i = 0; i < N_ITEMS; i++)
			assert_int_equal(t.done[i], i < n);
		assert_int_equal(t.n_overlaps, 0);
		assert_in_range(t.member_max, 0, sizes[s] > 0 ? sizes[s] - 1 : 0);
	}
}

static void
follow(void *ctx, unsigned member, size_t item)
{
	struct tally *t = ctx;

	t->is_disordered = t->is_disordered || member != 0 || item != t->last++ ||
			   pthread_equal(pthread_self(), t->caller) == 0;
}

static void
a_team_of_one_works_in_order_in_the_callers_thread(void **state)
{
	struct tally t = {.caller = pthread_self()};
	(void)state;

	trw_team_run(1, N_ITEMS, follow, &t);
	assert_int_equal(t.last, N_ITEMS);
	assert_false(t.is_disordered);
}

static void
without_items_nothing_is_called(void **state)
{
	(void)state;
	trw_team_run(4, 0, NULL, NULL);
}

static void *
raise(void *ctx)
{
	atomic_fetch_add((atomic_uint *)ctx, 1);
	return NULL;
}

static void
a_thread_is_joined_once_and_may_start_again(void **state)
{
	struct trw_thread t = {0};
	struct trw_err err = {0};
	atomic_uint n = 0;
	(void)state;

	trw_thread_join(&t);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(trw_thread_start(&t, raise, &n, "it", &err), TRW_OK);
		assert_true(t.is_running);
		trw_thread_join(&t);
		assert_false(t.is_running);
		assert_int_equal(n, i);
	}
	trw_thread_join(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_done_once_by_members_that_never_overlap),
		cmocka_unit_test(a_team_of_one_works_in_order_in_the_callers_thread),
		cmocka_unit_test(without_items_nothing_is_called),
		cmocka_unit_test(a_thread_is_joined_once_and_may_start_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
