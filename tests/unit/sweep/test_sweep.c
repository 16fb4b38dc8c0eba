/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sweep against the naive model. `test_sweep SEED N` runs the random tests alone, with N seeds from SEED on.
 */
#include "base/alloc.h"
#include "base/io.h"
#include "unit/fixture/draw.h"
#include "unit/sweep/sweep_fixture.h"

static uint64_t first_seed = 1, n_seeds = 10;

static void
any_options(struct sweep *s)
{
	static const uint64_t windows[] = {4, 8, 12, 64, 256, 1024};
	static const uint64_t memories[] = {0, 16 * KIB, 100 * KIB, MIB, 256 * MIB};
	static const size_t entries[] = {0, 0, 1, 3, 20};

	s->spec.window = windows[below(6)] * KIB;
	s->spec.memory = memories[below(5)];
	s->spec.entries = entries[below(5)];
	s->memory = one_in(2) ? 0 : MIB;
}

static void
random_streams_have_the_digests_and_damage_of_the_model(void **state)
{
	static const unsigned jobs[] = {0, 1, 2, 4, 8};
	(void)state;

	for (uint64_t seed = first_seed; seed < first_seed + n_seeds; seed++) {
		struct world w = {0};

		make_world(&w, seed);
		for (size_t i = 0; i < 10; i++) {
			struct sweep s;
			struct trw_err err = {0};

			sweep_begin(&s, &w, jobs[i / 2], i % 2 == 0);
			any_options(&s);
			if (i % 2 == 0) {
				count_damaged(&w, s.spec.window);
				s.is_from_start = true;
			}
			if (run(&s, &err) != TRW_OK)
				fail_msg("seed %" PRIu64 ": %s", seed, err.text);
			(void)expect_all(&s);
			if (i % 2 == 0)
				assert_int_equal(atomic_load(&s.bytes_done), w.size);
			else
				assert_true(atomic_load(&s.bytes_done) <= w.size);
			assert_int_equal(atomic_load(&s.piece_bytes_done),
				trw_plan_totals(s.spec.plan).piece_bytes);
			sweep_end(&s);
		}
		world_clear(&w);
	}
}

/* Goes on where `before` was stopped, and to the end. */
static void
resume(const struct sweep *before, const uint8_t *saved, size_t n, const uint8_t *skip)
{
	struct sweep s;
	struct trw_err err = {0};

	sweep_begin(&s, before->w, 1 + (unsigned)below(4), true);
	any_options(&s);
	s.skip = skip;
	ok(trw_sweep_media_load(&s.media, saved, n, &err));
	if (run(&s, &err) != TRW_OK)
		fail_msg("%s", err.text);
	(void)expect_all(&s);
	sweep_end(&s);
}

static void
stopped_sweep_goes_on_from_what_it_saved(void **state)
{
	(void)state;

	for (uint64_t seed = first_seed; seed < first_seed + n_seeds; seed++) {
		struct world w = {0};

		make_world(&w, seed);
		for (unsigned i = 0; i < 5; i++) {
			struct sweep s;
			struct trw_err err = {0};
			uint8_t saved[TRW_SWEEP_MEDIA_SAVED];
			enum trw_status st;

			sweep_begin(&s, &w, i < 4 ? 1U << i : 0, true);
			any_options(&s);
			s.save_at = one_in(2) ? 1 + below(6) : 0;
			s.stop_at = s.save_at == 0 ? 1 + below(60) : 0;
			st = run(&s, &err);
			if (s.is_saved) {
				assert_int_equal(st, TRW_EDB);
				assert_string_equal(err.text, "killed");
				resume(&s, s.saved, s.n_saved, s.saved_done);
			} else if (st == TRW_ECANCEL) {
				size_t n = trw_sweep_media_save(&s.media, saved);
				resume(&s, saved, n, s.n_done);
			} else {
				ok(st);
				(void)expect_all(&s);
			}
			sweep_end(&s);
		}
		world_clear(&w);
	}
}

static void
failing_event_ends_the_sweep_with_its_error(void **state)
{
	struct world w = {0};
	(void)state;

	make_world(&w, 7);
	for (uint64_t n = 1; n < 40; n++) {
		struct sweep s;
		struct trw_err err = {0};

		sweep_begin(&s, &w, (unsigned)n % 5, n % 3 > 0);
		s.spec.window = 16 * KIB;
		s.fail_done_at = n;
		if (run(&s, &err) != TRW_OK) {
			assert_int_equal(err.status, TRW_EDB);
			assert_string_equal(err.text, "no more");
			assert_true(s.n_events >= n);
		} else {
			assert_true(s.n_events < n);
		}
		sweep_end(&s);
	}
	world_clear(&w);
}

/* Digests of what was added. */
static void
finish_stream(const struct world *w, size_t i)
{
	w->v[i].size = w->v[i].extents.total;
	naive_stream(w, &w->v[i]);
}

static void
add_ewf_streams(struct world *w)
{
	w->v = calloc(40, sizeof(*w->v));
	assert_non_null(w->v);
	for (w->n = 0; w->n < 40; w->n++) {
		add_extents(w, &w->v[w->n], 1 + below(5), 1 + below(4000), one_in(2));
		finish_stream(w, w->n);
	}
}

/* True when the failure had not come yet. */
static bool
disarm(uint64_t nth)
{
	bool is_left = false;

	for (; nth > 0 && !is_left; nth--) {
		void *p = trw_alloc(1, 1, NULL);
		is_left = p == NULL;
		free(p);
	}
	trw_alloc_fail_at(0);
	return is_left;
}

static void
fail_each_allocation(const struct world *w, unsigned jobs)
{
	bool is_past = false;

	for (uint64_t n = 1; !is_past; n += n < 60 ? 1 : 1 + n / 16) {
		struct sweep s;
		struct trw_err err = {0};
		enum trw_status st;

		sweep_begin(&s, w, jobs, n % 3 > 0);
		s.spec.window = 32 * KIB;
		fill_plan(&s);
		trw_alloc_fail_at(n);
		st = trw_sweep_run(&s.spec, &err);
		is_past = disarm(n);
		if (s.n_wrong > 0)
			fail_msg("%s", s.wrong);
		assert_int_equal(st, is_past ? TRW_OK : TRW_ENOMEM);
		assert_int_equal(err.status, st);
		expect_prefix(w, &s.media);
		if (is_past)
			(void)expect_all(&s);
		sweep_end(&s);
	}
}

static void
every_failed_allocation_ends_the_sweep_as_out_of_memory(void **state)
{
	struct set set = {0};
	struct world w = {0};
	(void)state;

	make_world(&w, 7);
	fail_each_allocation(&w, 0);
	fail_each_allocation(&w, 1);
	fail_each_allocation(&w, 4);
	world_clear(&w);
	build(&set, 7);
	w.image = write_and_open(&set, 0);
	world_read(&w);
	add_ewf_streams(&w);
	fail_each_allocation(&w, 3);
	world_clear(&w);
	set_clear(&set);
}

/* A world of n empty streams over size bytes. */
static void
plain_world(struct world *w, size_t size, size_t n)
{
	draw_from(99);
	w->bytes = malloc(size);
	assert_non_null(w->bytes);
	for (size_t i = 0; i < size; i++)
		w->bytes[i] = (uint8_t)draw();
	ok(trw_image_open_memory(w->bytes, size, NULL, &w->image, NULL));
	world_read(w);
	w->v = calloc(n, sizeof(*w->v));
	assert_non_null(w->v);
	w->n = n;
}

static size_t
sweep_world(const struct world *w, unsigned jobs, bool has_media, uint64_t memory, uint64_t window,
	size_t entries, uint64_t *bytes)
{
	struct sweep s;
	struct trw_err err = {0};
	size_t n_off;

	sweep_begin(&s, w, jobs, has_media);
	s.spec.memory = memory;
	s.spec.window = window;
	s.spec.entries = entries;
	if (run(&s, &err) != TRW_OK)
		fail_msg("%s", err.text);
	n_off = expect_all(&s);
	if (bytes != NULL)
		*bytes = atomic_load(&s.bytes_done);
	sweep_end(&s);
	return n_off;
}

static void
without_media_only_what_streams_need_is_read(void **state)
{
	struct world w = {0};
	uint64_t bytes;
	(void)state;

	plain_world(&w, 8 * MIB, 3);
	add(&w.v[0], TRW_EXTENT_DATA, 5000, 100);
	add(&w.v[1], TRW_EXTENT_DATA, 2 * MIB + 1, 9000); /* one gathered across a gap */
	add(&w.v[1], TRW_EXTENT_DATA, 2 * MIB + 900 * KIB, 5000);
	add(&w.v[2], TRW_EXTENT_DATA, 8 * MIB - 1, 1);
	for (size_t i = 0; i < w.n; i++)
		finish_stream(&w, i);
	for (unsigned jobs = 1; jobs <= 4; jobs *= 2) {
		assert_int_equal(sweep_world(&w, jobs, false, 256 * MIB, 4 * MIB, 0, &bytes), 0);
		assert_true(bytes <= MIB);
	}
	world_clear(&w);
}

static void
nothing_is_read_where_nothing_is_wanted(void **state)
{
	struct world w = {0};
	struct sweep s;
	(void)state;

	plain_world(&w, MIB, 0 + 1);
	w.n = 0;
	for (unsigned has_plan = 0; has_plan < 2; has_plan++) {
		sweep_begin(&s, &w, 2, false);
		if (has_plan)
			fill_plan(&s);
		assert_int_equal(trw_sweep_bytes(&s.spec), 0);
		ok(trw_sweep_run(&s.spec, NULL));
		assert_int_equal(atomic_load(&s.bytes_done), 0);
		sweep_end(&s);
	}
	sweep_begin(&s, &w, 2, true);
	assert_int_equal(trw_sweep_bytes(&s.spec), MIB);
	ok(trw_sweep_run(&s.spec, NULL)); /* media, no plan */
	s.spec.plan = NULL;
	assert_int_equal(atomic_load(&s.bytes_done), MIB);
	sweep_end(&s);
	world_clear(&w);
}

static void
stream_that_runs_down_the_image_is_put_off_once_when_memory_ends(void **state)
{
	struct world w = {0};
	(void)state;

	plain_world(&w, 2 * MIB, 8);
	for (size_t i = 0; i < w.n; i++) {
		for (uint64_t k = 0; k < 400; k++)
			add(&w.v[i], TRW_EXTENT_DATA, 2 * MIB - (k + 1) * 5000 + i * 7, 4000);
		finish_stream(&w, i);
	}
	for (unsigned jobs = 1; jobs <= 4; jobs *= 2) {
		assert_int_equal(sweep_world(&w, jobs, true, 64 * MIB, 64 * KIB, 0, NULL), 0);
		assert_true(sweep_world(&w, jobs, true, MIB, 64 * KIB, 0, NULL) > 0);
		/* entries run out while memory does: either puts the stream off, never both */
		for (size_t entries = 1; entries < 120; entries += 9)
			(void)sweep_world(&w, jobs, entries % 2 == 0, MIB, 64 * KIB, entries, NULL);
	}
	world_clear(&w);
}

static void
thousands_of_streams_over_one_window_end_within_the_cap(void **state)
{
	struct world w = {0};
	(void)state;

	plain_world(&w, 64 * KIB, 6000);
	for (size_t i = 0; i < w.n; i++) {
		add(&w.v[i], TRW_EXTENT_DATA, below(60000), 1 + below(300));
		if (i % 3 == 0)
			add(&w.v[i], TRW_EXTENT_DATA, below(60000), 1 + below(300));
		finish_stream(&w, i);
	}
	for (unsigned jobs = 1; jobs <= 4; jobs *= 2) {
		assert_int_equal(sweep_world(&w, jobs, true, 256 * MIB, 16 * KIB, 0, NULL), 0);
		assert_true(sweep_world(&w, jobs, true, 256 * MIB, 16 * KIB, 500, NULL) > 0);
		assert_true(sweep_world(&w, jobs, false, MIB, 64 * KIB, 0, NULL) > 0);
	}
	world_clear(&w);
}

static void
plan_that_cannot_be_read_on_ends_the_sweep(void **state)
{
	struct world w = {0};
	enum trw_status st = TRW_EIO;
	uint64_t n_failed = 0;
	(void)state;

	plain_world(&w, MIB, 9000);
	for (size_t i = 0; i < w.n; i++) {
		add(&w.v[i], TRW_EXTENT_DATA, below(MIB - 100), 1 + below(99));
		finish_stream(&w, i);
	}
	for (; st != TRW_OK; n_failed += st != TRW_OK) {
		struct sweep s;
		struct trw_err err = {0};

		sweep_begin(&s, &w, 2, n_failed % 2 == 0);
		fill_plan(&s);
		trw_pread_fail_at(n_failed + 1);
		st = trw_sweep_run(&s.spec, &err);
		trw_pread_fail_at(0);
		assert_true(st == TRW_OK || st == TRW_EIO);
		assert_int_equal(err.status, st);
		if (st == TRW_OK)
			(void)expect_all(&s);
		sweep_end(&s);
	}
	assert_true(n_failed > 0);
	world_clear(&w);
}

static void
stream_of_a_hundred_thousand_extents_is_digested(void **state)
{
	struct world w = {0};
	(void)state;

	plain_world(&w, MIB, 2);
	for (size_t k = 0; k < 100000; k++) {
		add(&w.v[0], TRW_EXTENT_DATA, (k * 7919) % MIB, 1 + k % 16);
		add(&w.v[1], k % 2 == 0 ? TRW_EXTENT_DATA : TRW_EXTENT_HOLE, k * 10, 10);
	}
	finish_stream(&w, 0);
	finish_stream(&w, 1);
	for (unsigned jobs = 1; jobs <= 4; jobs *= 2) {
		assert_int_equal(sweep_world(&w, jobs, true, 256 * MIB, 4 * KIB, 0, NULL), 0);
		assert_int_equal(sweep_world(&w, jobs, false, 256 * MIB, 256 * KIB, 0, NULL), 0);
		(void)sweep_world(&w, jobs, true, MIB, 16 * KIB, 1000, NULL);
	}
	world_clear(&w);
}

/* Long enough for a chain of each digest; plan and window go on while zeros are digested. */
static void
long_stream_of_zeros_and_pieces_is_digested_in_chains(void **state)
{
	struct world w = {0};
	(void)state;

	plain_world(&w, 3 * MIB, 2);
	for (size_t i = 0; i < w.n; i++) {
		struct trw_extents *xs = &w.v[i].extents;
		for (uint64_t k = 0; k < 3; k++) {
			uint64_t off = i == 0 ? k * MIB : (2 - k) * MIB;
			ok(trw_extents_add(xs, TRW_EXTENT_DATA, off, MIB - 99, NULL));
			ok(trw_extents_add(xs, k % 2 == 0 ? TRW_EXTENT_HOLE : TRW_EXTENT_LOST, 0,
				21 * MIB, NULL));
		}
		finish_stream(&w, i);
	}
	assert_int_equal(sweep_world(&w, 4, true, 256 * MIB, 256 * KIB, 0, NULL), 0);
	assert_int_equal(sweep_world(&w, 5, false, 32 * MIB, 64 * KIB, 0, NULL), 0);
	world_clear(&w);
}

static void
ewf_image_is_swept_in_whole_chunks(void **state)
{
	struct set set = {0};
	(void)state;

	build(&set, 7);
	for (unsigned kind = 0; kind < 4; kind++) {
		struct world w = {0};

		draw_from(5 + kind);
		set.files[1].v[set.chunk_at[6] + 9] ^= kind % 2 > 0 ? 0x10 : 0; /* a bad chunk */
		if (kind == 3)
			set.files[1].n = 0; /* a lost segment */
		w.image = write_and_open(&set, 0);
		world_read(&w);
		add_ewf_streams(&w);
		for (unsigned i = 0; i < 40; i++) {
			struct sweep s;
			struct trw_err err = {0};

			sweep_begin(&s, &w, 1 + i % 4, i % 2 == 0);
			any_options(&s);
			s.spec.window = 1 + below(6 * KIB);
			if (run(&s, &err) != TRW_OK)
				fail_msg("%s", err.text);
			(void)expect_all(&s);
			sweep_end(&s);
		}
		world_clear(&w);
	}
	set_clear(&set);
}

static void
saved_state_that_cannot_be_is_refused(void **state)
{
	struct trw_sweep_media m, loaded = {.n = 9};
	uint8_t saved[TRW_SWEEP_MEDIA_SAVED] = {0};
	struct trw_err err = {0};
	size_t n;
	(void)state;

	trw_sweep_media_start(&m, 8);
	n = trw_sweep_media_save(&m, saved);
	for (size_t len = 0; len < n; len++)
		assert_int_equal(trw_sweep_media_load(&loaded, saved, len, &err), TRW_ECORRUPT);
	saved[0] = 77; /* so many chains */
	assert_int_equal(trw_sweep_media_load(&loaded, saved, 8, &err), TRW_ECORRUPT);
	saved[0] = 1; /* of MD5 alone */
	assert_int_equal(
		trw_sweep_media_load(&loaded, saved, 8 + TRW_DIGEST_SAVED, &err), TRW_ECORRUPT);
	assert_int_equal(loaded.n, 9);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest random_tests[] = {
		cmocka_unit_test(random_streams_have_the_digests_and_damage_of_the_model),
		cmocka_unit_test(stopped_sweep_goes_on_from_what_it_saved),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_streams_have_the_digests_and_damage_of_the_model),
		cmocka_unit_test(stopped_sweep_goes_on_from_what_it_saved),
		cmocka_unit_test(failing_event_ends_the_sweep_with_its_error),
		cmocka_unit_test(every_failed_allocation_ends_the_sweep_as_out_of_memory),
		cmocka_unit_test(without_media_only_what_streams_need_is_read),
		cmocka_unit_test(nothing_is_read_where_nothing_is_wanted),
		cmocka_unit_test(stream_that_runs_down_the_image_is_put_off_once_when_memory_ends),
		cmocka_unit_test(thousands_of_streams_over_one_window_end_within_the_cap),
		cmocka_unit_test(plan_that_cannot_be_read_on_ends_the_sweep),
		cmocka_unit_test(stream_of_a_hundred_thousand_extents_is_digested),
		cmocka_unit_test(long_stream_of_zeros_and_pieces_is_digested_in_chains),
		cmocka_unit_test(ewf_image_is_swept_in_whole_chunks),
		cmocka_unit_test(saved_state_that_cannot_be_is_refused),
	};

	if (argc == 3) {
		first_seed = strtoull(argv[1], NULL, 10);
		n_seeds = strtoull(argv[2], NULL, 10);
		return cmocka_run_group_tests(random_tests, NULL, NULL);
	}
	return cmocka_run_group_tests(tests, make_media, remove_folder);
}
