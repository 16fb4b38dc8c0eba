/* SPDX-License-Identifier: Apache-2.0 */
/** The tee, the digests as a consumer, and the heap of pieces that came too early. */
#include "sweep/digests.h"
#include "sweep/held.h"
#include "sweep/tee.h"

#include "unit/fixture/draw.h"
#include "base/alloc.h"
#include "unit/sweep/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 200

/* Digests, and two that listen. */
struct scene {
	struct trw_zeros zeros;
	struct listener l[2];
	struct trw_consumer row[3];
	struct trw_tee *tee;
};

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -1;
	rng = 11;
	trw_zeros_init(&s->zeros);
	s->row[0] = trw_digests_consumer(&s->zeros);
	for (size_t i = 0; i < 2; i++) {
		listener_init(&s->l[i], MANY, 0);
		s->row[1 + i] = listener_consumer(&s->l[i]);
	}
	assert_int_equal(trw_tee_new((struct trw_consumers){s->row, 3}, &s->tee, NULL), TRW_OK);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	trw_tee_free(s->tee);
	for (size_t i = 0; i < 2; i++) {
		assert_null(listener_finding(&s->l[i]));
		listener_clear(&s->l[i]);
	}
	trw_zeros_destroy(&s->zeros);
	free(s);
	return 0;
}

static void
digest(const uint8_t *p, size_t n, uint64_t n_zeros, struct trw_digests *out)
{
	struct trw_digester d;

	trw_digest_start(&d, TRW_DIGEST_ALL);
	trw_digest_update(&d, p, n);
	trw_digest_zeros(&d, n_zeros);
	trw_digest_finish(&d, out);
}

static void
every_consumer_hears_the_same_and_the_digests_are_of_all_of_it(void **state)
{
	struct scene *s = *state;
	struct trw_stream_head head = {.id = 7, .size = 11};
	struct trw_stream_done done = {.id = 7, .size = 11, .cause = ""};
	struct trw_digests want;

	assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
	assert_int_equal(trw_tee_bytes(s->tee, (const uint8_t *)"abcd", 4, NULL), TRW_OK);
	assert_int_equal(trw_tee_zeros(s->tee, 5, NULL), TRW_OK);
	assert_int_equal(trw_tee_missing(s->tee, 2, TRW_SPAN_LOST, NULL), TRW_OK);
	assert_int_equal(trw_tee_end(s->tee, &done, NULL), TRW_OK);
	digest((const uint8_t *)"abcd", 4, 7, &want);
	assert_memory_equal(&done.digests, &want, sizeof(want));
	for (size_t i = 0; i < 2; i++) {
		const struct heard *h = &s->l[i].v[7];
		assert_int_equal(h->n_ends, 1);
		assert_int_equal(h->missing, 2);
		assert_int_equal(h->sum, 1 * 'a' + 2 * 'b' + 3 * 'c' + 4 * 'd');
		assert_memory_equal(h->first, "abcd", 5);
	}
}

static void
whole_streams_side_by_side_have_the_digests_of_each(void **state)
{
	struct scene *s = *state;
	static struct trw_whole v[TRW_CONSUMER_MANY];
	static uint8_t bytes[9000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)draw();
	for (size_t n = 0; n <= TRW_CONSUMER_MANY; n = 2 * n + 1) {
		for (size_t i = 0; i < n; i++) {
			uint64_t size = one_in(8) ? 0 : below(sizeof(bytes));
			v[i] = (struct trw_whole){
				.head = {.id = (int64_t)i, .size = size}, .p = bytes};
			v[i].done = (struct trw_stream_done){
				.id = (int64_t)i, .size = size, .cause = ""};
		}
		assert_int_equal(trw_tee_whole(s->tee, v, n, NULL), TRW_OK);
		for (size_t i = 0; i < n; i++) {
			struct trw_digests want;
			digest(bytes, v[i].head.size, 0, &want);
			assert_memory_equal(&v[i].done.digests, &want, sizeof(want));
			assert_int_equal(s->l[1].v[i].sum, listener_sum(0, bytes, v[i].head.size));
		}
	}
}

static void
stream_that_begins_anew_abandons_what_was_heard(void **state)
{
	struct scene *s = *state;
	struct trw_stream_head head = {.id = 1, .size = 3};
	struct trw_stream_done done = {.id = 1, .size = 3, .cause = ""};
	struct trw_digests want;

	assert_true(trw_tee_can_restart(s->tee));
	assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
	assert_int_equal(trw_tee_bytes(s->tee, (const uint8_t *)"xx", 2, NULL), TRW_OK);
	assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
	assert_int_equal(trw_tee_bytes(s->tee, (const uint8_t *)"abc", 3, NULL), TRW_OK);
	assert_int_equal(trw_tee_end(s->tee, &done, NULL), TRW_OK);
	digest((const uint8_t *)"abc", 3, 0, &want);
	assert_memory_equal(&done.digests, &want, sizeof(want));
	assert_int_equal(s->l[0].n_abandoned, 1);
	assert_int_equal(s->l[1].v[1].n_ends, 1);
	s->row[2].is_once = true;
	assert_false(trw_tee_can_restart(s->tee));
}

static enum trw_status
refuse_bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	(void)self;
	(void)state;
	(void)p;
	(void)n;
	return trw_fail(err, TRW_ELIMIT, "no more");
}

static enum trw_status
refuse_end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	(void)done;
	listener_abandon(state);
	return refuse_bytes(self, state, NULL, 0, err);
}

static void
consumer_that_fails_leaves_no_other_begun(void **state)
{
	struct scene *s = *state;
	struct trw_stream_head head = {.id = 1, .size = 2};
	struct trw_stream_done done = {.id = 1, .size = 2, .cause = ""};
	struct trw_whole whole = {.head = head, .p = (const uint8_t *)"ab", .done = done};

	s->row[1].end = refuse_end;
	assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
	assert_int_equal(trw_tee_zeros(s->tee, 2, NULL), TRW_OK);
	assert_int_equal(trw_tee_end(s->tee, &done, NULL), TRW_ELIMIT);
	assert_int_equal(s->l[1].n_abandoned, 1); /* whose end was not reached */
	assert_int_equal(trw_tee_whole(s->tee, &whole, 1, NULL), TRW_ELIMIT);
	s->row[1].bytes = refuse_bytes;
	assert_int_equal(trw_tee_whole(s->tee, &whole, 1, NULL), TRW_ELIMIT);
	assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
	assert_int_equal(trw_tee_bytes(s->tee, whole.p, 2, NULL), TRW_ELIMIT);
}

static void
every_failed_allocation_of_a_tee_frees_the_clones_before_it(void **state)
{
	struct scene *s = *state;
	struct trw_tee *tee;

	for (uint64_t nth = 1; nth <= 6; nth++) {
		trw_alloc_fail_at(nth);
		enum trw_status st = trw_tee_new((struct trw_consumers){s->row, 3}, &tee, NULL);
		trw_alloc_fail_at(0);
		assert_int_equal(st, TRW_ENOMEM);
		assert_null(tee);
	}
	assert_int_equal(s->l[0].n_clones, s->l[0].n_freed + 1); /* that of the scene */
}

/* The second time nothing is computed: the planted value comes back. */
static void
digests_of_sparse_streams_are_remembered_by_size(void **state)
{
	struct scene *s = *state;
	struct trw_stream_head head = {.id = 1, .size = 3 << 20, .is_sparse = true};
	struct trw_digests want, planted = {.md5 = {1}};

	digest(NULL, 0, head.size, &want);
	for (unsigned i = 0; i < 2; i++) {
		struct trw_stream_done done = {.id = 1, .size = head.size, .cause = ""};
		assert_int_equal(trw_tee_begin(s->tee, &head, NULL), TRW_OK);
		assert_int_equal(trw_tee_zeros(s->tee, head.size, NULL), TRW_OK);
		assert_int_equal(trw_tee_end(s->tee, &done, NULL), TRW_OK);
		assert_memory_equal(&done.digests, i == 0 ? &want : &planted, sizeof(want));
		assert_int_equal(s->zeros.n, 1);
		s->zeros.slots[0].digests = planted;
	}
}

static void
long_stream_in_three_parts_has_the_same_digests(void **state)
{
	struct scene *s = *state;
	const struct trw_consumer *c = &s->row[0];
	struct trw_stream_head head = {.id = 1, .size = 5};
	struct trw_stream_done done = {.id = 1, .size = 5, .cause = ""};
	struct trw_digests want;
	void *state_of_one = calloc(1, trw_tee_stride(c));

	assert_int_equal(c->n_parts, 3);
	for (unsigned part = 0; part < 3; part++) {
		assert_int_equal(c->begin(c->shared, state_of_one, &head, part, 3, NULL), TRW_OK);
		assert_int_equal(
			c->bytes(c->shared, state_of_one, (const uint8_t *)"hello", 5, NULL),
			TRW_OK);
		assert_int_equal(c->end(c->shared, state_of_one, &done, NULL), TRW_OK);
	}
	digest((const uint8_t *)"hello", 5, 0, &want);
	assert_memory_equal(&done.digests, &want, sizeof(want));
	free(state_of_one);
}

static void
held_pieces_come_out_by_their_place_in_the_stream(void **state)
{
	struct trw_held h = {0};
	bool is_in[MANY] = {false};
	(void)state;

	for (size_t round = 0; round < 2000; round++) {
		uint64_t at = below(MANY);
		uint8_t byte = (uint8_t)at;
		if (!is_in[at] && one_in(2)) {
			assert_int_equal(trw_held_add(&h, at, &byte, 1, NULL), TRW_OK);
			is_in[at] = true;
		} else if (h.n > 0) {
			struct trw_held_piece p = trw_held_pop(&h);
			for (uint64_t i = 0; i < p.at; i++)
				assert_false(is_in[i]);
			assert_true(is_in[p.at]);
			assert_int_equal(p.len, 1);
			assert_int_equal(p.bytes[0], p.at);
			is_in[p.at] = false;
			free(p.bytes);
		}
	}
	trw_held_clear(&h);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_consumer_hears_the_same_and_the_digests_are_of_all_of_it),
		TEST(whole_streams_side_by_side_have_the_digests_of_each),
		TEST(stream_that_begins_anew_abandons_what_was_heard),
		TEST(consumer_that_fails_leaves_no_other_begun),
		TEST(every_failed_allocation_of_a_tee_frees_the_clones_before_it),
		TEST(digests_of_sparse_streams_are_remembered_by_size),
		TEST(long_stream_in_three_parts_has_the_same_digests),
		cmocka_unit_test(held_pieces_come_out_by_their_place_in_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
