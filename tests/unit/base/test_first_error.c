/* SPDX-License-Identifier: Apache-2.0 */
#include "base/first_error.h"

#include "base/cancel.h"
#include "base/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
the_first_error_stays_with_its_text(void **state)
{
	struct trw_first_error first;
	struct trw_err err = {0}, later = {0};
	(void)state;

	trw_first_error_init(&first);
	assert_false(trw_first_error_is_set(&first));
	assert_int_equal(trw_first_error_get(&first, &err), TRW_OK);
	assert_int_equal(err.status, TRW_OK);
	(void)trw_fail(&err, TRW_EIO, "disk 1");
	trw_first_error_set(&first, &err);
	(void)trw_fail(&later, TRW_ENOMEM, "disk 2");
	trw_first_error_set(&first, &later);
	assert_true(trw_first_error_is_set(&first));
	assert_true(trw_first_error_stops(&first));
	assert_int_equal(trw_first_error_get(&first, &later), TRW_EIO);
	assert_string_equal(later.text, "disk 1");
	assert_int_equal(trw_first_error_status(&first, &later), TRW_EIO);
	trw_first_error_destroy(&first);
}

static void
a_cancelled_run_stops_without_an_error_being_kept(void **state)
{
	struct trw_first_error first;
	struct trw_err err = {0};
	(void)state;

	trw_first_error_init(&first);
	assert_false(trw_first_error_stops(&first));
	trw_cancelled = 1;
	assert_true(trw_first_error_stops(&first));
	assert_false(trw_first_error_is_set(&first));
	assert_int_equal(trw_first_error_get(&first, &err), TRW_OK);
	assert_int_equal(trw_first_error_status(&first, &err), TRW_ECANCEL);
	trw_cancelled = 0;
	trw_first_error_destroy(&first);
}

static void
fail_as(void *ctx, unsigned member, size_t item)
{
	struct trw_err err = {0};

	(void)member;
	(void)trw_fail(&err, item % 2 == 0 ? TRW_EIO : TRW_EDB, "item %zu", item);
	trw_first_error_set(ctx, &err);
}

static void
of_errors_of_many_threads_one_is_kept_whole(void **state)
{
	struct trw_first_error first;
	struct trw_err err = {0};
	size_t item = 0;
	(void)state;

	trw_first_error_init(&first);
	trw_team_run(8, 1000, fail_as, &first);
	assert_int_not_equal(trw_first_error_get(&first, &err), TRW_OK);
	assert_int_equal(sscanf(err.text, "item %zu", &item), 1);
	assert_int_equal(err.status, item % 2 == 0 ? TRW_EIO : TRW_EDB);
	trw_first_error_destroy(&first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_stays_with_its_text),
		cmocka_unit_test(a_cancelled_run_stops_without_an_error_being_kept),
		cmocka_unit_test(of_errors_of_many_threads_one_is_kept_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
