/* SPDX-License-Identifier: Apache-2.0 */
#include "base/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SPACE 400 /* bytes of the model */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static void
add(struct trw_ranges *rs, uint64_t off, uint64_t len, enum trw_damage why)
{
	struct trw_err err = {0};

	assert_int_equal(trw_ranges_add(rs, off, len, why, &err), TRW_OK);
}

/* Each byte has the model's reason, and the list is as its header says. */
static void
expect_model(const struct trw_ranges *rs, const uint8_t *model)
{
	uint8_t seen[SPACE] = {0};

	for (size_t i = 0; i < rs->n; i++) {
		const struct trw_range *r = &rs->v[i];
		assert_true(r->len > 0 && r->off + r->len <= SPACE);
		if (i > 0) {
			uint64_t end = r[-1].off + r[-1].len;
			assert_true(end < r->off || (end == r->off && r[-1].why != r->why));
		}
		memset(&seen[r->off], (int)r->why, (size_t)r->len);
	}
	assert_memory_equal(seen, model, SPACE);
}

static void
adds_in_any_order_give_each_byte_its_worst_reason(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct trw_ranges rs = {0};
		uint8_t model[SPACE] = {0};
		for (int i = 0; i < 60; i++) {
			uint64_t off = next_random(&seed) % SPACE;
			uint64_t len = next_random(&seed) % (round % 3 == 0 ? 40 : 4);
			enum trw_damage why = (enum trw_damage)(next_random(&seed) % 3);
			if (round % 3 == 1) /* in reverse */
				off = (uint64_t)(59 - i) * 6;
			len = len < SPACE - off ? len : SPACE - off;
			add(&rs, off, len, why);
			for (uint64_t b = off; b < off + len; b++)
				model[b] = model[b] > why ? model[b] : (uint8_t)why;
			expect_model(&rs, model);
		}
		trw_ranges_clear(&rs);
	}
}

static void
an_overflow_is_refused_and_changes_nothing(void **state)
{
	struct trw_ranges rs = {0};
	struct trw_err err = {0};

	(void)state;
	add(&rs, 5, 5, TRW_DAMAGE_MISSING);
	assert_int_equal(
		trw_ranges_add(&rs, 7, UINT64_MAX - 6, TRW_DAMAGE_MISSING, &err), TRW_ECORRUPT);
	assert_true(rs.n == 1 && rs.v[0].off == 5 && rs.v[0].len == 5);
	trw_ranges_clear(&rs);
}

/* One spot every 16 bytes, but in the second half every 64. */
static uint64_t
spot(size_t i)
{
	size_t half = TRW_RANGES_MAX / 2;

	return i < half ? i * 16 : half * 16 + (i - half) * 64;
}

static void
a_full_list_joins_the_nearest_and_covers_all(void **state)
{
	struct trw_ranges rs = {0};
	size_t n = TRW_RANGES_MAX + TRW_RANGES_MAX / 8;

	(void)state;
	for (size_t i = 0; i < n; i++)
		add(&rs, spot(i), 1, i % 2 == 0 ? TRW_DAMAGE_MISSING : TRW_DAMAGE_SUBSTITUTED);
	add(&rs, spot(n - 1) - 32, 1, TRW_DAMAGE_MISSING); /* and not at the end */
	assert_true(rs.n <= TRW_RANGES_MAX && rs.n >= TRW_RANGES_MAX / 2);
	for (size_t i = 0; i < n; i++) {
		const struct trw_range *r = &rs.v[trw_ranges_find(&rs, spot(i))];
		assert_true(r < rs.v + rs.n && r->off <= spot(i));
		assert_true(i % 2 != 0 || r->why == TRW_DAMAGE_MISSING);
		if (i > TRW_RANGES_MAX / 2)
			assert_true(r->off == spot(i) && r->len == 1);
	}
	trw_ranges_clear(&rs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_in_any_order_give_each_byte_its_worst_reason),
		cmocka_unit_test(an_overflow_is_refused_and_changes_nothing),
		cmocka_unit_test(a_full_list_joins_the_nearest_and_covers_all)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
