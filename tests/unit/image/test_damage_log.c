/* SPDX-License-Identifier: Apache-2.0 */
/* What was met reaches a report that succeeds, over failures and threads; no lock is held meanwhile. */
#include "image/damage_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/fixture/draw.h"

#define SPACE 200
#define N_THREADS 4
#define PER_THREAD 200

static struct trw_damage_log log_;

/* What reports were given. Plain fields: one report is under way at a time, also seen by the thread sanitizer. */
struct told {
	uint8_t why[SPACE];
	size_t n_calls;
	size_t fail_at; /* the call that fails, from 1 */
	bool is_busy;
};

static enum trw_status
take(void *ctx, const struct trw_ranges *met, struct trw_err *err)
{
	struct told *t = ctx;
	bool is_news = false;

	assert_true(met->n > 0);
	assert_false(t->is_busy);
	t->is_busy = true;
	t->n_calls++;
	for (size_t i = 0; i < met->n && t->n_calls != t->fail_at; i++)
		for (uint64_t k = met->v[i].off; k < met->v[i].off + met->v[i].len; k++)
			if (met->v[i].why > t->why[k]) {
				t->why[k] = (uint8_t)met->v[i].why;
				is_news = true;
			}
	assert_true(is_news || t->n_calls == t->fail_at);
	t->is_busy = false;
	return t->n_calls == t->fail_at ? trw_fail(err, TRW_ECANCEL, "not now") : TRW_OK;
}

static void
meet(uint64_t off, uint64_t len, enum trw_damage why)
{
	struct trw_ranges met = {0};
	struct trw_err err = {0};

	assert_int_equal(trw_ranges_add(&met, off, len, why, &err), TRW_OK);
	assert_int_equal(trw_damage_log_meet(&log_, &met, &err), TRW_OK);
	trw_ranges_clear(&met);
}

static void
expect_seen(const uint8_t *model)
{
	struct trw_ranges seen = {0};
	struct trw_err err = {0};
	uint8_t why[SPACE] = {0};

	assert_int_equal(trw_damage_log_seen(&log_, &seen, &err), TRW_OK);
	for (size_t i = 0; i < seen.n; i++)
		memset(why + seen.v[i].off, (int)seen.v[i].why, (size_t)seen.v[i].len);
	assert_memory_equal(why, model, SPACE);
	trw_ranges_clear(&seen);
}

/* take checks that each report holds news. */
static void
every_byte_is_reported_for_its_worst_reason_whatever_fails(void **state)
{
	(void)state;
	rng = 5;
	for (int round = 0; round < 200; round++) {
		struct told t = {0};
		uint8_t model[SPACE] = {0};
		struct trw_err err = {0};

		assert_int_equal(trw_damage_log_init(&log_, &err), TRW_OK);
		for (int i = 0; i < 30; i++) {
			uint64_t off = below(SPACE - 20), len = 1 + below(20);
			enum trw_damage why =
				one_in(2) ? TRW_DAMAGE_MISSING : TRW_DAMAGE_SUBSTITUTED;
			enum trw_status st;

			meet(off, len, why);
			for (uint64_t k = off; k < off + len; k++)
				if (why > model[k])
					model[k] = (uint8_t)why;
			if (!one_in(4))
				continue;
			t.fail_at = one_in(3) ? t.n_calls + 1 + below(2) : 0;
			st = trw_damage_log_report(&log_, take, &t, &err);
			if (st == TRW_OK)
				assert_memory_equal(t.why, model, SPACE);
		}
		t.fail_at = 0;
		assert_int_equal(trw_damage_log_report(&log_, take, &t, &err), TRW_OK);
		assert_memory_equal(t.why, model, SPACE);
		expect_seen(model);
		trw_damage_log_clear(&log_);
	}
}

static void
what_an_earlier_run_met_is_seen_and_not_reported(void **state)
{
	struct trw_ranges earlier = {0};
	struct told t = {0};
	struct trw_err err = {0};
	uint8_t model[SPACE] = {0};

	(void)state;
	memset(model + 10, TRW_DAMAGE_SUBSTITUTED, 10);
	assert_int_equal(trw_damage_log_init(&log_, &err), TRW_OK);
	assert_int_equal(trw_ranges_add(&earlier, 10, 10, TRW_DAMAGE_SUBSTITUTED, &err), TRW_OK);
	assert_int_equal(trw_damage_log_recall(&log_, &earlier, &err), TRW_OK);
	meet(12, 3, TRW_DAMAGE_SUBSTITUTED);
	assert_int_equal(trw_damage_log_report(&log_, take, &t, &err), TRW_OK);
	assert_int_equal(t.n_calls, 0);
	meet(12, 3, TRW_DAMAGE_MISSING); /* worse: news */
	memset(model + 12, TRW_DAMAGE_MISSING, 3);
	assert_int_equal(trw_damage_log_report(&log_, take, &t, &err), TRW_OK);
	assert_int_equal(t.n_calls, 1);
	assert_int_equal(t.why[11], 0);
	assert_int_equal(t.why[12], TRW_DAMAGE_MISSING);
	expect_seen(model);
	trw_ranges_clear(&earlier);
	trw_damage_log_clear(&log_);
}

/* Meets more damage from inside, as a reader of another thread might: a lock that is held would hang here. */
static enum trw_status
take_and_meet(void *ctx, const struct trw_ranges *met, struct trw_err *err)
{
	meet(100, 1, TRW_DAMAGE_MISSING);
	return take(ctx, met, err);
}

static void
damage_can_be_met_while_a_report_is_under_way(void **state)
{
	struct told t = {0};
	struct trw_err err = {0};

	(void)state;
	assert_int_equal(trw_damage_log_init(&log_, &err), TRW_OK);
	meet(1, 1, TRW_DAMAGE_MISSING);
	assert_int_equal(trw_damage_log_report(&log_, take_and_meet, &t, &err), TRW_OK);
	assert_int_equal(t.why[100], 0); /* met since: for the next report */
	assert_int_equal(trw_damage_log_report(&log_, take, &t, &err), TRW_OK);
	assert_int_equal(t.why[100], TRW_DAMAGE_MISSING);
	trw_damage_log_clear(&log_);
}

struct reader {
	pthread_t thread;
	size_t number;
	struct told *told;
	size_t n_failed;
};

static void *
meet_and_report(void *ctx)
{
	struct reader *r = ctx;
	struct trw_err err = {0};

	for (size_t i = 0; i < PER_THREAD; i++) {
		uint64_t off = (i * N_THREADS + r->number) % SPACE;

		meet(off, 1, TRW_DAMAGE_MISSING);
		if (trw_damage_log_report(&log_, take, r->told, &err) != TRW_OK)
			r->n_failed++;
	}
	return NULL;
}

static void
threads_report_one_at_a_time_and_nothing_is_lost(void **state)
{
	struct reader readers[N_THREADS];
	struct told t = {0};
	struct trw_err err = {0};
	uint8_t model[SPACE];

	(void)state;
	memset(model, TRW_DAMAGE_MISSING, SPACE);
	assert_int_equal(trw_damage_log_init(&log_, &err), TRW_OK);
	for (size_t i = 0; i < N_THREADS; i++) {
		readers[i] = (struct reader){.number = i, .told = &t};
		assert_int_equal(
			pthread_create(&readers[i].thread, NULL, meet_and_report, &readers[i]), 0);
	}
	for (size_t i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		assert_int_equal(readers[i].n_failed, 0);
	}
	assert_memory_equal(t.why, model, SPACE);
	expect_seen(model);
	trw_damage_log_clear(&log_);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_reported_for_its_worst_reason_whatever_fails),
		cmocka_unit_test(what_an_earlier_run_met_is_seen_and_not_reported),
		cmocka_unit_test(damage_can_be_met_while_a_report_is_under_way),
		cmocka_unit_test(threads_report_one_at_a_time_and_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
