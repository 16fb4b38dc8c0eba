/* SPDX-License-Identifier: Apache-2.0 */
/** The plan of a sweep against a model that keeps everything. */
#include "sweep/plan/plan.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/io.h"
#include "unit/fixture/draw.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "."
#define PLENTY ((uint64_t)1 << 30)
#define SCARCE ((uint64_t)1) /* the least that each store takes */
#define IMAGE_SIZE ((uint64_t)1 << 20)

/* A piece, and what the plan says its stream is. */
struct seen {
	struct trw_plan_piece piece;
	int64_t id;
};

struct model {
	struct trw_plan_stream
		*streams; /* owned, with their extents; id is the place in the array */
	size_t n;
	struct seen *pieces; /* owned: what the streams should give, by (off, id, at) */
	size_t n_pieces, cap_pieces;
	size_t n_off; /* streams without a piece */
	uint64_t off_bytes, piece_bytes;
};

static uint8_t extra[TRW_PLAN_EXTRA_MAX];

static int
by_id(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->piece.off != y->piece.off)
		return x->piece.off < y->piece.off ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->piece.at > y->piece.at) - (x->piece.at < y->piece.at);
}

static void
add_extent(struct trw_extents *xs)
{
	enum trw_extent_kind kind =
		draw() % 3 > 0 ? TRW_EXTENT_DATA : (enum trw_extent_kind)(draw() % 4);
	uint64_t off = draw() % 8 == 0 ? draw() % (2 * IMAGE_SIZE) : draw() % IMAGE_SIZE;

	assert_int_equal(trw_extents_add(xs, kind, off / 512 * 512, 1 + draw() % 9000, NULL), 0);
}

static void
make_stream(struct trw_plan_stream *s)
{
	static const unsigned int lengths[] = {0, 1, 1, 1, 1, 2, 3, 40};
	unsigned int n = lengths[draw() % (sizeof(lengths) / sizeof(lengths[0]))];

	if (draw() % 2000 == 0)
		n = 1200; /* more than one part of the spool */
	for (unsigned int i = 0; i < n; i++)
		add_extent(&s->extents);
	s->size = s->extents.total + (draw() % 20 == 0 ? draw() % 5000 : 0);
	if (draw() % 10 > 0)
		return;
	s->extra = extra;
	s->n_extra = draw() % (TRW_PLAN_EXTRA_MAX + 1);
}

static void
expect_pieces(struct model *m, const struct trw_plan_stream *s)
{
	size_t before = m->n_pieces;
	uint64_t at = 0;

	for (size_t i = 0; i < s->extents.n; at += s->extents.v[i++].len) {
		const struct trw_extent *x = &s->extents.v[i];
		uint64_t len = x->len;

		if (x->kind != TRW_EXTENT_DATA || x->off >= IMAGE_SIZE)
			continue;
		if (x->off + len > IMAGE_SIZE)
			len = IMAGE_SIZE - x->off;
		m->pieces = trw_grow(
			m->pieces, m->n_pieces, &m->cap_pieces, sizeof(*m->pieces), SIZE_MAX, NULL);
		assert_non_null(m->pieces);
		m->pieces[m->n_pieces++] = (struct seen){{x->off, len, at, 0}, s->id};
		m->piece_bytes += len;
	}
	if (m->n_pieces > before)
		return;
	m->n_off++;
	m->off_bytes += s->size;
}

static struct model
make_model(size_t n)
{
	struct model m = {.n = n, .streams = calloc(n, sizeof(*m.streams))};

	assert_non_null(m.streams);
	draw_from(88172645463325252ULL);
	for (size_t i = 0; i < sizeof(extra); i++)
		extra[i] = (uint8_t)draw();
	for (size_t i = 0; i < n; i++) {
		m.streams[i].id = (int64_t)i;
		make_stream(&m.streams[i]);
		expect_pieces(&m, &m.streams[i]);
	}
	qsort(m.pieces, m.n_pieces, sizeof(*m.pieces), by_id);
	return m;
}

static void
free_model(struct model *m)
{
	for (size_t i = 0; i < m->n; i++)
		trw_extents_clear(&m->streams[i].extents);
	free(m->streams);
	free(m->pieces);
}

static void
expect_stream(const struct model *m, struct trw_plan_stream *s)
{
	const struct trw_plan_stream *want = &m->streams[s->id];

	assert_true(s->id >= 0 && (size_t)s->id < m->n);
	assert_int_equal(s->size, want->size);
	assert_int_equal(s->n_extra, want->n_extra);
	if (want->n_extra > 0)
		assert_memory_equal(s->extra, want->extra, want->n_extra);
	assert_int_equal(s->extents.n, want->extents.n);
	assert_int_equal(s->extents.total, want->extents.total);
	for (size_t i = 0; i < want->extents.n; i++) {
		assert_int_equal(s->extents.v[i].kind, want->extents.v[i].kind);
		assert_int_equal(s->extents.v[i].off, want->extents.v[i].off);
		assert_int_equal(s->extents.v[i].len, want->extents.v[i].len);
	}
	trw_extents_clear(&s->extents);
}

static struct trw_plan *
plan_of(const struct model *m, uint64_t memory)
{
	struct trw_plan *plan = NULL;

	assert_int_equal(trw_plan_new(memory, FOLDER, &plan, NULL), TRW_OK);
	for (size_t i = 0; i < m->n; i++)
		assert_int_equal(trw_plan_add(plan, &m->streams[i], IMAGE_SIZE, NULL), TRW_OK);
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	return plan;
}

static bool
is_after(const struct trw_plan_piece *a, const struct trw_plan_piece *b)
{
	if (a->off != b->off)
		return a->off > b->off;
	return a->stream != b->stream ? a->stream > b->stream : a->at >= b->at;
}

/* All pieces, which must be in order and belong to the stream that they say; the caller frees them. */
static struct seen *
take_pieces(const struct model *m, struct trw_plan *plan)
{
	struct seen *all = calloc(m->n_pieces + 1, sizeof(*all));
	const struct trw_plan_piece *peeked;
	struct trw_plan_piece end;

	assert_non_null(all);
	for (size_t i = 0; i < m->n_pieces; i++) {
		struct trw_plan_stream stream = {0};
		struct seen *s = &all[i];

		peeked = trw_plan_peek(plan);
		assert_non_null(peeked);
		end = *peeked;
		assert_int_equal(trw_plan_next(plan, &s->piece, NULL), TRW_OK);
		assert_memory_equal(&end, &s->piece, sizeof(end));
		assert_true(i == 0 || is_after(&s->piece, &all[i - 1].piece));
		assert_int_equal(trw_plan_get(plan, &s->piece, &stream, NULL), TRW_OK);
		if (trw_plan_is_whole(&s->piece, &s->id)) {
			assert_int_equal(s->id, stream.id);
			assert_int_equal(s->piece.len, stream.size);
			assert_int_equal(s->piece.at, 0);
		}
		s->id = stream.id;
		expect_stream(m, &stream);
	}
	assert_null(trw_plan_peek(plan));
	assert_int_equal(trw_plan_next(plan, &end, NULL), TRW_END);
	return all;
}

static void
pieces_are_those_of_the_streams_in_order_of_the_image(void **state)
{
	struct model m = make_model(20000);
	struct trw_plan *plan = plan_of(&m, PLENTY);
	struct seen *all = take_pieces(&m, plan);
	struct trw_plan_totals totals = trw_plan_totals(plan);
	size_t n_whole = 0;
	int64_t id;
	(void)state;

	for (size_t i = 0; i < m.n_pieces; i++) {
		n_whole += trw_plan_is_whole(&all[i].piece, &id);
		all[i].piece.stream = 0;
	}
	qsort(all, m.n_pieces, sizeof(*all), by_id);
	assert_memory_equal(all, m.pieces, m.n_pieces * sizeof(*all));
	assert_true(n_whole > 5000 && n_whole < m.n_pieces);
	assert_int_equal(totals.n_streams, m.n - m.n_off);
	assert_int_equal(totals.n_pieces, m.n_pieces);
	assert_int_equal(totals.piece_bytes, m.piece_bytes);
	assert_int_equal(totals.n_off, m.n_off);
	assert_int_equal(totals.off_bytes, m.off_bytes);
	trw_plan_free(plan);
	free(all);
	free_model(&m);
}

static void
spilled_plan_is_the_same_plan(void **state)
{
	struct model m = make_model(20000);
	struct trw_plan *plenty = plan_of(&m, PLENTY), *scarce = plan_of(&m, SCARCE);
	struct seen *all = take_pieces(&m, plenty), *spilled = take_pieces(&m, scarce);
	struct trw_plan_totals totals = trw_plan_totals(plenty), again = trw_plan_totals(scarce);
	(void)state;

	assert_memory_equal(all, spilled, m.n_pieces * sizeof(*all));
	assert_memory_equal(&totals, &again, sizeof(totals));
	assert_true(trw_plan_memory(scarce) <= 1 << 20);
	assert_true(trw_plan_memory(plenty) >= m.n_pieces * sizeof(all->piece));
	assert_true(trw_plan_memory(plenty) < PLENTY / 2); /* what it has not needed is free */
	trw_plan_free(plenty);
	trw_plan_free(scarce);
	free(spilled);
	free(all);
	free_model(&m);
}

/* Streams without a piece, others put off before the seal, and some by one of their pieces. */
static void
check_off_order(struct model *m, uint64_t memory)
{
	struct trw_plan *plan = NULL;
	struct trw_plan_stream s;
	struct trw_plan_piece p;
	size_t n_off = 0, n = 0;
	enum trw_status status;
	uint64_t last_off = 0;
	int64_t last = -1;
	uint8_t *is_off = calloc(m->n, 1);
	uint64_t *off = calloc(m->n, sizeof(*off));

	assert_non_null(is_off);
	assert_non_null(off);
	assert_int_equal(trw_plan_new(memory, FOLDER, &plan, NULL), TRW_OK);
	for (size_t i = 0; i < m->n; i++) {
		off[i] = draw() % 4 == 0 && m->streams[i].extents.n > 0
				 ? m->streams[i].extents.v[0].off
				 : draw() % 50;
		if (i % 3 == 0) {
			is_off[i] = 1;
			assert_int_equal(trw_plan_put_off(plan, off[i], &m->streams[i], NULL), 0);
		} else {
			uint64_t before = trw_plan_totals(plan).n_off;
			assert_int_equal(trw_plan_add(plan, &m->streams[i], IMAGE_SIZE, NULL), 0);
			is_off[i] = trw_plan_totals(plan).n_off > before;
			off[i] = IMAGE_SIZE;
		}
	}
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	while (trw_plan_next(plan, &p, NULL) == TRW_OK) {
		if (p.off % 1024 > 0)
			continue;
		assert_int_equal(trw_plan_get(plan, &p, &s, NULL), TRW_OK);
		if (!is_off[s.id])
			assert_int_equal(trw_plan_put_off_piece(plan, &p, NULL), TRW_OK);
		if (!is_off[s.id])
			off[s.id] = p.off;
		is_off[s.id] = 1;
		trw_extents_clear(&s.extents);
	}
	for (size_t i = 0; i < m->n; i++)
		n_off += is_off[i];
	assert_int_equal(trw_plan_totals(plan).n_off, n_off);
	while ((status = trw_plan_next_off(plan, &s, NULL)) == TRW_OK) {
		assert_true(s.id >= 0 && (size_t)s.id < m->n && is_off[s.id] == 1);
		is_off[s.id] = 2;
		assert_true(off[s.id] > last_off || (off[s.id] == last_off && s.id > last));
		last_off = off[s.id];
		last = s.id;
		expect_stream(m, &s);
		n++;
	}
	assert_int_equal(status, TRW_END);
	assert_int_equal(n, n_off);
	trw_plan_free(plan);
	free(is_off);
	free(off);
}

static void
streams_put_off_come_once_in_order_of_offset_and_id(void **state)
{
	struct model m = make_model(20000);
	(void)state;

	check_off_order(&m, PLENTY);
	check_off_order(&m, SCARCE);
	free_model(&m);
}

static struct trw_plan *
plan_of_one(
	const struct trw_extent *extents, size_t n, uint64_t size, struct trw_plan_totals *totals)
{
	struct trw_plan_stream s = {.id = 9, .size = size};
	struct trw_plan *plan = NULL;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(trw_extents_add(&s.extents, extents[i].kind, extents[i].off,
					 extents[i].len, NULL),
			TRW_OK);
	assert_int_equal(trw_plan_new(PLENTY, FOLDER, &plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_add(plan, &s, 1000, NULL), TRW_OK);
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	trw_extents_clear(&s.extents);
	*totals = trw_plan_totals(plan);
	return plan;
}

static void
only_a_stream_that_is_one_extent_inside_the_image_is_whole(void **state)
{
	static const struct {
		struct trw_extent x[2];
		size_t n;
		uint64_t size;
		bool is_whole;
	} cases[] = {
		{{{100, 900, TRW_EXTENT_DATA}}, 1, 900, true},
		{{{101, 900, TRW_EXTENT_DATA}}, 1, 900, false},
		{{{100, 900, TRW_EXTENT_DATA}}, 1, 901, false},
		{{{100, 9, TRW_EXTENT_DATA}, {0, 1, TRW_EXTENT_HOLE}}, 2, 10, false},
		{{{0, 1, TRW_EXTENT_HOLE}, {100, 9, TRW_EXTENT_DATA}}, 2, 10, false},
		{{{100, 9, TRW_EXTENT_DATA}, {109, 9, TRW_EXTENT_DATA}}, 2, 18, true},
		{{{100, 9, TRW_EXTENT_DATA}, {100, 9, TRW_EXTENT_DATA}}, 2, 18, false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trw_plan_totals totals;
		struct trw_plan *plan = plan_of_one(cases[i].x, cases[i].n, cases[i].size, &totals);
		const struct trw_plan_piece *p = trw_plan_peek(plan);
		int64_t id = -1;

		assert_non_null(p);
		assert_int_equal(trw_plan_is_whole(p, &id), cases[i].is_whole);
		assert_int_equal(id, cases[i].is_whole ? 9 : -1);
		trw_plan_free(plan);
	}
}

static void
extents_past_the_end_of_the_image_give_no_piece(void **state)
{
	static const struct trw_extent outside[] = {{1000, 5, TRW_EXTENT_DATA}};
	static const struct trw_extent across[] = {
		{2000, 5, TRW_EXTENT_DATA}, {0, 5, TRW_EXTENT_LOST}, {990, 50, TRW_EXTENT_DATA}};
	struct trw_plan_totals totals;
	struct trw_plan *plan = plan_of_one(outside, 1, 5, &totals);
	struct trw_plan_stream s;
	struct trw_plan_piece p;
	(void)state;

	assert_null(trw_plan_peek(plan));
	assert_int_equal(totals.n_streams, 0);
	assert_int_equal(totals.n_off, 1);
	assert_int_equal(trw_plan_next_off(plan, &s, NULL), TRW_OK);
	assert_int_equal(s.extents.v[0].off, 1000);
	trw_extents_clear(&s.extents);
	trw_plan_free(plan);

	plan = plan_of_one(across, 3, 60, &totals);
	assert_int_equal(totals.n_pieces, 1);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_OK);
	assert_true(p.off == 990 && p.len == 10 && p.at == 10);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_END);
	trw_plan_free(plan);
}

static void
extents_past_the_size_of_the_stream_are_cut(void **state)
{
	static const struct trw_extent x[] = {
		{100, 10, TRW_EXTENT_DATA}, {300, 10, TRW_EXTENT_DATA}, {500, 10, TRW_EXTENT_DATA}};
	struct trw_plan_totals totals;
	struct trw_plan *plan = plan_of_one(x, 3, 13, &totals);
	struct trw_plan_stream s;
	struct trw_plan_piece p;
	int64_t id = 0;
	(void)state;

	assert_true(totals.n_pieces == 2 && totals.piece_bytes == 13);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_OK);
	assert_true(p.off == 100 && p.len == 10 && p.at == 0);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_OK);
	assert_true(p.off == 300 && p.len == 3 && p.at == 10);
	assert_int_equal(trw_plan_get(plan, &p, &s, NULL), TRW_OK);
	assert_true(s.size == 13 && s.extents.total == 13 && s.extents.n == 2);
	trw_extents_clear(&s.extents);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_END);
	trw_plan_free(plan);

	plan = plan_of_one(x, 1, 7, &totals); /* what is left is one extent, and whole */
	assert_true(trw_plan_is_whole(trw_plan_peek(plan), &id) && id == 9);
	assert_int_equal(trw_plan_peek(plan)->len, 7);
	trw_plan_free(plan);
	plan = plan_of_one(x, 3, 0, &totals);
	assert_true(totals.n_streams == 0 && totals.n_off == 1);
	trw_plan_free(plan);
}

static void
sums_of_absurd_sizes_stop_at_the_top(void **state)
{
	struct trw_plan_stream s = {.size = INT64_MAX};
	struct trw_plan *plan = NULL;
	(void)state;

	assert_int_equal(trw_plan_new(PLENTY, FOLDER, &plan, NULL), TRW_OK);
	for (s.id = 0; s.id < 3; s.id++)
		assert_int_equal(trw_plan_add(plan, &s, IMAGE_SIZE, NULL), TRW_OK);
	assert_true(trw_plan_totals(plan).off_bytes == UINT64_MAX);
	trw_plan_free(plan);
}

/* Everything that a plan is for, until something fails. */
static enum trw_status
use_plan(const struct model *m, const char *folder, struct trw_err *err)
{
	struct trw_plan *plan = NULL;
	struct trw_plan_stream s;
	struct trw_plan_piece p;
	size_t n_pieces = 0, n_off = 0;
	enum trw_status status = trw_plan_new(SCARCE, folder, &plan, err);

	for (size_t i = 0; i < m->n && status == TRW_OK; i++)
		status = trw_plan_add(plan, &m->streams[i], IMAGE_SIZE, err);
	if (status == TRW_OK)
		status = trw_plan_seal(plan, err);
	while (status == TRW_OK && (status = trw_plan_next(plan, &p, err)) == TRW_OK) {
		if (n_pieces++ % 64 > 0)
			continue;
		status = trw_plan_get(plan, &p, &s, err);
		trw_extents_clear(&s.extents);
	}
	if (status == TRW_END)
		status = TRW_OK;
	while (status == TRW_OK && (status = trw_plan_next_off(plan, &s, err)) == TRW_OK) {
		n_off++;
		trw_extents_clear(&s.extents);
	}
	if (status == TRW_END) {
		assert_int_equal(n_pieces, m->n_pieces);
		assert_int_equal(n_off, m->n_off);
		status = TRW_OK;
	}
	if (status < 0 && plan != NULL) { /* what was lost must not be passed over */
		struct trw_err again = {0};
		assert_int_equal(trw_plan_next(plan, &p, &again), status);
		assert_string_equal(again.text, err->text);
	}
	trw_plan_free(plan);
	return status;
}

static void
every_failure_is_said_and_stays(void **state)
{
	struct model m = make_model(1500);
	enum trw_status status = TRW_ENOMEM;
	(void)state;

	for (uint64_t nth = 1; status < 0; nth += 1 + nth / 16) {
		struct trw_err err = {0};

		trw_alloc_fail_at(nth);
		status = use_plan(&m, FOLDER, &err);
		assert_true(status == TRW_OK || status == TRW_ENOMEM);
		assert_int_equal(err.status, status);
	}
	trw_alloc_fail_at(0);
	status = TRW_EIO;
	for (uint64_t nth = 1; status < 0; nth += 1 + nth / 16) {
		struct trw_err err = {0};

		trw_pread_fail_at(nth);
		status = use_plan(&m, FOLDER, &err);
		assert_true(status == TRW_OK || status == TRW_EIO);
	}
	trw_pread_fail_at(0);
	free_model(&m);
}

static void
failure_of_the_temporary_file_names_the_folder(void **state)
{
	struct model m = make_model(20000);
	struct trw_err err = {0};
	struct rlimit limit, small;
	enum trw_status status;
	(void)state;

	assert_int_equal(use_plan(&m, "/nowhere/at/all", &err), TRW_EIO);
	assert_non_null(strstr(err.text, "/nowhere/at/all: "));

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 100000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = use_plan(&m, FOLDER, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(status, TRW_EIO);
	assert_non_null(strstr(err.text, "free space there, or raise --memory"));
	free_model(&m);
}

static void
wrong_order_of_calls_is_refused(void **state)
{
	struct trw_plan_stream s = {.size = 0};
	struct trw_plan *plan = NULL;
	struct trw_plan_piece p;
	(void)state;

	assert_int_equal(trw_plan_new(PLENTY, FOLDER, &plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_next(plan, &p, NULL), TRW_EUSAGE);
	trw_plan_free(plan);

	assert_int_equal(trw_plan_new(PLENTY, FOLDER, &plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_add(plan, &s, IMAGE_SIZE, NULL), TRW_EUSAGE);
	trw_plan_free(plan);

	assert_int_equal(trw_plan_new(PLENTY, FOLDER, &plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	assert_int_equal(trw_plan_next_off(plan, &s, NULL), TRW_END);
	assert_int_equal(trw_plan_put_off(plan, 0, &s, NULL), TRW_EUSAGE);
	trw_plan_free(plan);
}

#define MANY 5000000
#define MANY_MEMORY ((uint64_t)64 << 20)
#define MANY_PEAK_KIB (100L << 10)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEASURES_MEMORY false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEASURES_MEMORY false
#endif
#endif
#ifndef MEASURES_MEMORY
#define MEASURES_MEMORY true
#endif

/* One in eight has three extents, one in a hundred is put off. */
static void
add_many(struct trw_plan *plan, uint64_t image_size)
{
	struct trw_plan_stream s = {0};

	for (s.id = 0; s.id < MANY; s.id++) {
		s.extents.n = 0;
		s.extents.total = 0;
		for (int i = 0; i < (s.id % 8 == 0 ? 3 : 1); i++)
			assert_int_equal(
				trw_extents_add(&s.extents, TRW_EXTENT_DATA,
					draw() % (image_size - 4096), 1 + draw() % 4096, NULL),
				TRW_OK);
		s.size = s.extents.total;
		assert_int_equal(trw_plan_add(plan, &s, image_size, NULL), TRW_OK);
		if (s.id % 100 == 0)
			assert_int_equal(trw_plan_put_off(plan, draw(), &s, NULL), TRW_OK);
	}
	trw_extents_clear(&s.extents);
}

static void
five_million_streams_stay_within_their_memory(void **state)
{
	struct trw_plan *plan = NULL;
	struct trw_plan_stream s;
	struct trw_plan_piece p;
	struct rusage use;
	uint64_t n = 0, n_off = 0, last = 0;
	int64_t began = trw_monotonic_ns();
	(void)state;

	draw_from(88172645463325252ULL);
	assert_int_equal(trw_plan_new(MANY_MEMORY, FOLDER, &plan, NULL), TRW_OK);
	add_many(plan, (uint64_t)1 << 40);
	assert_int_equal(trw_plan_seal(plan, NULL), TRW_OK);
	for (; trw_plan_next(plan, &p, NULL) == TRW_OK; n++) {
		assert_true(p.off >= last);
		last = p.off;
	}
	for (; trw_plan_next_off(plan, &s, NULL) == TRW_OK; n_off++)
		trw_extents_clear(&s.extents);
	assert_int_equal(n, MANY + MANY / 8 * 2);
	assert_int_equal(n_off, MANY / 100);
	assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
	print_message("%.1f s, peak %ld MiB\n", (double)(trw_monotonic_ns() - began) / 1e9,
		use.ru_maxrss >> 10);
	assert_true(!MEASURES_MEMORY || use.ru_maxrss < MANY_PEAK_KIB);
	trw_plan_free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: the others need memory for their models. */
		cmocka_unit_test(five_million_streams_stay_within_their_memory),
		cmocka_unit_test(pieces_are_those_of_the_streams_in_order_of_the_image),
		cmocka_unit_test(spilled_plan_is_the_same_plan),
		cmocka_unit_test(streams_put_off_come_once_in_order_of_offset_and_id),
		cmocka_unit_test(only_a_stream_that_is_one_extent_inside_the_image_is_whole),
		cmocka_unit_test(extents_past_the_end_of_the_image_give_no_piece),
		cmocka_unit_test(extents_past_the_size_of_the_stream_are_cut),
		cmocka_unit_test(sums_of_absurd_sizes_stop_at_the_top),
		cmocka_unit_test(every_failure_is_said_and_stays),
		cmocka_unit_test(failure_of_the_temporary_file_names_the_folder),
		cmocka_unit_test(wrong_order_of_calls_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
