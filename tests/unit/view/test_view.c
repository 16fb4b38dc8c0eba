/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks of views over damaged bytes against flat arrays that are made from each other byte by byte. Beside the kinds that
 * there are, two of the test's own stand for those to come: a cipher that keeps offsets, and runs that keep nothing.
 */
#include "view/linear.h"
#include "view/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/fixture/draw.h"

#define SIZE 192 /* bytes of the root; no view above it is larger */
#define UNIT 16
#define RUNS_MAX 12
#define DEPTH_MAX 5

/* What each byte of a view is, said naively. */
struct model {
	size_t n;
	uint8_t v[SIZE];
	uint8_t why[SIZE];     /* enum trw_damage */
	uint8_t kind[SIZE];    /* enum trw_view_piece_kind after a push */
	bool from[SIZE][SIZE]; /* by byte, the root's bytes that it is made of */
};

/* ---- a cipher: each unit is xored with a byte of its own ---- */

static uint8_t
mask_of(uint64_t off)
{
	return (uint8_t)(0x5a + off / UNIT);
}

static enum trw_status
cipher_read(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	uint8_t unit[UNIT], *out = buf;
	enum trw_status st = TRW_OK;

	for (uint64_t at = off - off % UNIT; at < off + len && st == TRW_OK; at += UNIT) {
		uint64_t n = view->size - at < UNIT ? view->size - at : UNIT;
		uint64_t from = at < off ? off : at, to = at + n < off + len ? at + n : off + len;
		struct trw_ranges met = {0};
		enum trw_damage why;

		st = trw_view_read(view->parent, at, unit, (size_t)n, &met, err);
		why = trw_ranges_worst(&met);
		trw_ranges_clear(&met);
		if (st == TRW_OK && why != TRW_DAMAGE_NONE)
			st = trw_ranges_add(damage, from, to - from, why, err);
		for (uint64_t i = from; i < to; i++)
			out[i - off] =
				why != TRW_DAMAGE_NONE ? 0 : (uint8_t)(unit[i - at] ^ mask_of(i));
	}
	return st;
}

static enum trw_status
cipher_map(const struct trw_view *view, uint64_t off, uint64_t len, trw_view_take take, void *ctx,
	struct trw_err *err)
{
	uint64_t from = off - off % UNIT, to = (off + len + UNIT - 1) / UNIT * UNIT;
	struct trw_view_piece piece = {.off = off, .len = len, .kind = TRW_PIECE_CODED};

	piece.parent_off = from;
	piece.parent_len = (to < view->size ? to : view->size) - from;
	return take(ctx, &piece, err);
}

static const struct trw_view_kind cipher = {.read = cipher_read, .map = cipher_map};

static struct trw_view
cipher_over(const struct trw_view *parent)
{
	return (struct trw_view){.kind = &cipher, .parent = parent, .size = parent->size};
}

static void
model_cipher(const struct model *parent, struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->n = parent->n;
	for (size_t i = 0; i < m->n; i++) {
		m->kind[i] = TRW_PIECE_CODED;
		for (size_t k = i / UNIT * UNIT; k < m->n && k < i / UNIT * UNIT + UNIT; k++) {
			if (parent->why[k] > m->why[i])
				m->why[i] = parent->why[k];
			for (size_t r = 0; r < SIZE; r++)
				m->from[i][r] |= parent->from[k][r];
		}
		if (m->why[i] == TRW_DAMAGE_NONE)
			m->v[i] = parent->v[i] ^ mask_of(i);
	}
}

/* ---- runs: in any order of the parent, some nowhere ---- */

struct runs {
	struct trw_view_piece v[RUNS_MAX];
	size_t n;
};

static enum trw_status
runs_map(const struct trw_view *view, uint64_t off, uint64_t len, trw_view_take take, void *ctx,
	struct trw_err *err)
{
	const struct runs *runs = view->ctx;
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < runs->n && st == TRW_OK; i++) {
		struct trw_view_piece p = runs->v[i];
		uint64_t from = p.off < off ? off : p.off;
		uint64_t to = p.off + p.len < off + len ? p.off + p.len : off + len;

		if (from >= to)
			continue;
		if (p.kind == TRW_PIECE_BYTES) {
			p.parent_off += from - p.off;
			p.parent_len = to - from;
		}
		p.off = from;
		p.len = to - from;
		st = take(ctx, &p, err);
	}
	return st;
}

struct runs_reading {
	const struct trw_view *view;
	uint64_t off;
	uint8_t *buf;
	struct trw_ranges *damage;
};

static enum trw_status
read_run(void *ctx, const struct trw_view_piece *p, struct trw_err *err)
{
	struct runs_reading *r = ctx;
	uint8_t *out = r->buf + (p->off - r->off);
	struct trw_ranges met = {0};
	enum trw_status st;

	memset(out, 0, (size_t)p->len);
	if (p->kind == TRW_PIECE_ZERO)
		return TRW_OK;
	if (p->kind == TRW_PIECE_MISSING)
		return trw_ranges_add(r->damage, p->off, p->len, TRW_DAMAGE_MISSING, err);
	st = trw_view_read(r->view->parent, p->parent_off, out, (size_t)p->len, &met, err);
	if (st == TRW_OK)
		st = trw_ranges_add_part(r->damage, &met, p->parent_off, p->len, p->off, err);
	trw_ranges_clear(&met);
	return st;
}

static enum trw_status
runs_read(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct runs_reading r = {view, off, buf, damage};

	return runs_map(view, off, len, read_run, &r, err);
}

static const struct trw_view_kind scattered = {.read = runs_read, .map = runs_map};

/* Runs of a parent of n bytes; some reach past its end. Returns the size of the view. */
static uint64_t
draw_runs(struct runs *runs, size_t n)
{
	uint64_t at = 0;

	*runs = (struct runs){0};
	while (runs->n < RUNS_MAX) {
		struct trw_view_piece p = {.off = at, .len = 1 + below(SIZE / RUNS_MAX)};

		if (one_in(5)) {
			p.kind = one_in(2) ? TRW_PIECE_ZERO : TRW_PIECE_MISSING;
		} else {
			p.parent_off = below(n + 4);
			p.parent_len = p.len;
		}
		at += p.len;
		runs->v[runs->n++] = p;
	}
	return at;
}

/* Byte k of the parent becomes byte i; past its end there is nothing. */
static void
model_copy(const struct model *parent, uint64_t k, struct model *m, size_t i)
{
	if (k >= parent->n) {
		m->why[i] = TRW_DAMAGE_MISSING;
		m->kind[i] = TRW_PIECE_MISSING;
		return;
	}
	m->v[i] = parent->v[k];
	m->why[i] = parent->why[k];
	m->kind[i] = parent->kind[k];
	memcpy(m->from[i], parent->from[k], sizeof(m->from[i]));
}

static void
model_runs(const struct model *parent, const struct runs *runs, struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (size_t r = 0; r < runs->n; r++) {
		const struct trw_view_piece *p = &runs->v[r];

		for (size_t k = 0; k < p->len; k++, m->n++) {
			m->kind[m->n] = (uint8_t)p->kind;
			if (p->kind == TRW_PIECE_MISSING)
				m->why[m->n] = TRW_DAMAGE_MISSING;
			if (p->kind == TRW_PIECE_BYTES)
				model_copy(parent, p->parent_off + k, m, m->n);
		}
	}
}

static void
model_linear(const struct model *parent, uint64_t off, uint64_t len, struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (uint64_t k = off; k < parent->n && k - off < len; k++)
		model_copy(parent, k, m, m->n++);
}

/* ---- the root, and stacks ---- */

static uint8_t bytes[SIZE];
static struct trw_view_bytes root_bytes = {.v = bytes};

static void
draw_root(struct model *m)
{
	struct trw_err err = {0};

	memset(m, 0, sizeof(*m));
	m->n = SIZE;
	trw_ranges_clear(&root_bytes.damage);
	for (int i = (int)below(6); i > 0; i--) {
		enum trw_damage why = one_in(2) ? TRW_DAMAGE_MISSING : TRW_DAMAGE_SUBSTITUTED;
		uint64_t off = below(SIZE), len = below(20);

		if (len > SIZE - off)
			len = SIZE - off;
		assert_int_equal(trw_ranges_add(&root_bytes.damage, off, len, why, &err), TRW_OK);
		for (uint64_t k = off; k < off + len; k++)
			if (why > m->why[k])
				m->why[k] = (uint8_t)why;
	}
	for (size_t i = 0; i < SIZE; i++) {
		bytes[i] = (uint8_t)(1 + below(255));
		m->v[i] = m->why[i] == TRW_DAMAGE_NONE ? bytes[i] : 0;
		m->from[i][i] = true;
	}
}

struct stack {
	struct trw_view view[DEPTH_MAX + 1]; /* [0] is the root */
	struct runs runs[DEPTH_MAX + 1];
	struct model model[DEPTH_MAX + 1];
	size_t depth;
};

/* One more view on top; only linear ones unless with_others. */
static void
push_view(struct stack *s, bool with_others)
{
	const struct trw_view *parent = &s->view[s->depth];
	const struct model *of = &s->model[s->depth];
	size_t d = ++s->depth;
	uint64_t what = with_others ? below(3) : 0, off, len;

	if (what == 1) {
		s->view[d] = cipher_over(parent);
		model_cipher(of, &s->model[d]);
	} else if (what == 2) {
		uint64_t size = draw_runs(&s->runs[d], of->n);

		s->view[d] = (struct trw_view){
			.kind = &scattered, .parent = parent, .size = size, .ctx = &s->runs[d]};
		model_runs(of, &s->runs[d], &s->model[d]);
	} else {
		off = below(of->n + 3);
		len = one_in(4) ? TRW_VIEW_TO_END : below(of->n + 3);
		s->view[d] = trw_view_linear(parent, off, len);
		model_linear(of, off, len, &s->model[d]);
	}
	assert_int_equal(s->view[d].size, s->model[d].n);
}

static void
expect_read(const struct trw_view *view, const struct model *m, uint64_t off, size_t len)
{
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[2 * SIZE], why[2 * SIZE] = {0};
	bool is_sound = len <= m->n && off <= m->n - len;

	memset(buf, 0xee, sizeof(buf));
	assert_int_equal(trw_view_read(view, off, buf, len, &damage, &err), TRW_OK);
	for (size_t i = 0; i < damage.n; i++) {
		const struct trw_range *r = &damage.v[i];

		assert_true(r->off >= off && r->len <= len - (r->off - off));
		memset(why + (r->off - off), (int)r->why, (size_t)r->len);
	}
	for (size_t i = 0; i < len; i++) {
		bool is_inside = off + i < m->n;

		assert_int_equal(why[i], is_inside ? m->why[off + i] : TRW_DAMAGE_MISSING);
		assert_int_equal(buf[i], is_inside ? m->v[off + i] : 0);
		is_sound = is_sound && why[i] == TRW_DAMAGE_NONE;
	}
	assert_int_equal(trw_view_read_sound(view, off, buf, len), is_sound);
	trw_ranges_clear(&damage);
}

/* What the pieces of a push say. */
struct pushed {
	uint64_t off, next; /* the range's begin; no piece may begin behind next */
	bool is_kind[2 * SIZE][4];
	bool from[2 * SIZE][SIZE];
};

static enum trw_status
note_piece(void *ctx, const struct trw_view_piece *p, struct trw_err *err)
{
	struct pushed *to = ctx;
	bool is_exact = p->kind == TRW_PIECE_BYTES;

	(void)err;
	assert_true(p->len > 0 && p->off >= to->off && p->off <= to->next);
	if (p->off + p->len > to->next)
		to->next = p->off + p->len;
	assert_true(!is_exact || p->parent_len == p->len);
	assert_true(p->kind < TRW_PIECE_ZERO || p->parent_len == 0);
	for (size_t i = 0; i < p->len; i++) {
		size_t at = (size_t)(p->off - to->off) + i;

		to->is_kind[at][p->kind] = true;
		for (size_t r = 0; r < p->parent_len; r++)
			if (!is_exact || r == i)
				to->from[at][p->parent_off + r] = true;
	}
	return TRW_OK;
}

/* Bytes lie where the model says, one by one; coded ones are made of what it says, taken together. */
static void
expect_push(const struct trw_view *view, const struct model *m, uint64_t off, size_t len)
{
	static struct pushed got;
	bool want[SIZE] = {0}, have[SIZE] = {0};
	struct trw_err err = {0};

	memset(&got, 0, sizeof(got));
	got.off = got.next = off;
	assert_int_equal(trw_view_push(view, off, len, note_piece, &got, &err), TRW_OK);
	assert_int_equal(got.next, off + len);
	for (size_t i = 0; i < len; i++) {
		size_t kind = off + i < m->n ? m->kind[off + i] : TRW_PIECE_MISSING;
		const bool *is = got.is_kind[i];

		if (kind == TRW_PIECE_CODED) {
			assert_true(is[TRW_PIECE_CODED] || is[TRW_PIECE_MISSING]);
			assert_false(is[TRW_PIECE_BYTES] || is[TRW_PIECE_ZERO]);
		} else {
			for (size_t k = 0; k < 4; k++)
				assert_int_equal(is[k], k == kind);
		}
		if (kind == TRW_PIECE_BYTES)
			assert_memory_equal(got.from[i], m->from[off + i], SIZE);
		for (size_t r = 0; r < SIZE; r++) {
			want[r] |= off + i < m->n && m->from[off + i][r];
			have[r] |= got.from[i][r];
		}
	}
	assert_memory_equal(have, want, SIZE);
}

static void
try_stacks(bool with_others)
{
	static struct stack s;

	for (int round = 0; round < 400; round++) {
		s.depth = 0;
		draw_root(&s.model[0]);
		s.view[0] = trw_view_memory(&root_bytes, SIZE);
		while (s.depth < DEPTH_MAX && !one_in(5))
			push_view(&s, with_others);
		for (int i = 0; i < 20; i++) {
			uint64_t off = below(s.model[s.depth].n + 8);
			size_t len = (size_t)below(SIZE);

			expect_read(&s.view[s.depth], &s.model[s.depth], off, len);
			expect_push(&s.view[s.depth], &s.model[s.depth], off, len);
		}
	}
	trw_ranges_clear(&root_bytes.damage);
}

static void
stacked_linear_views_agree_with_flat_arrays(void **state)
{
	(void)state;
	rng = 17;
	try_stacks(false);
}

static void
ciphers_and_scattered_runs_stack_on_them_as_well(void **state)
{
	(void)state;
	rng = 18;
	try_stacks(true);
}

static void
offsets_near_the_end_of_64_bits_are_refused_or_missing(void **state)
{
	struct trw_view root = trw_view_memory(&root_bytes, SIZE), view, above;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[8] = {1, 1, 1, 1, 1, 1, 1, 1};

	(void)state;
	view = trw_view_linear(&root, UINT64_MAX, UINT64_MAX);
	assert_int_equal(view.size, 0);
	above = trw_view_linear(&view, UINT64_MAX, UINT64_MAX);
	assert_int_equal(above.size, 0);
	view = trw_view_linear(&root, SIZE - 1, UINT64_MAX);
	assert_int_equal(view.size, 1);
	assert_int_equal(trw_view_read(&view, UINT64_MAX - 8, buf, 8, &damage, &err), TRW_OK);
	assert_int_equal(buf[7], 0);
	assert_int_equal(trw_ranges_total(&damage, TRW_DAMAGE_MISSING), 8);
	assert_int_equal(trw_view_read(&view, UINT64_MAX - 6, buf, 8, &damage, &err), TRW_EUSAGE);
	assert_int_equal(
		trw_view_push(&view, UINT64_MAX - 6, 8, note_piece, NULL, &err), TRW_EUSAGE);
	assert_false(trw_view_holds(&view, UINT64_MAX, 1));
	assert_false(trw_view_read_sound(&view, 0, buf, 2));
	assert_true(trw_view_read_sound(&view, 0, buf, 1));
	trw_ranges_clear(&damage);
}

static void
an_empty_view_has_nothing_and_reads_as_missing(void **state)
{
	struct trw_view none = {0};
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[4];

	(void)state;
	assert_int_equal(trw_view_read(&none, 0, buf, 4, &damage, &err), TRW_OK);
	assert_int_equal(damage.n, 1);
	assert_int_equal(damage.v[0].why, TRW_DAMAGE_MISSING);
	assert_int_equal(trw_view_read(&none, 0, buf, 4, NULL, &err), TRW_OK);
	assert_true(trw_view_read_sound(&none, 0, buf, 0));
	trw_ranges_clear(&damage);
}

static enum trw_status
refuse_piece(void *ctx, const struct trw_view_piece *piece, struct trw_err *err)
{
	int *n = ctx;

	(void)piece;
	return ++*n == 2 ? trw_fail(err, TRW_ELIMIT, "enough") : TRW_OK;
}

static void
a_take_that_fails_ends_the_push(void **state)
{
	struct trw_view root = trw_view_memory(&root_bytes, SIZE), view;
	struct trw_err err = {0};
	struct runs runs = {.n = 3};
	int n = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		runs.v[i] = (struct trw_view_piece){
			.off = i, .len = 1, .parent_off = 2 * i, .parent_len = 1};
	view = (struct trw_view){.kind = &scattered, .parent = &root, .size = 3, .ctx = &runs};
	assert_int_equal(trw_view_push(&view, 0, 3, refuse_piece, &n, &err), TRW_ELIMIT);
	assert_int_equal(n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacked_linear_views_agree_with_flat_arrays),
		cmocka_unit_test(ciphers_and_scattered_runs_stack_on_them_as_well),
		cmocka_unit_test(offsets_near_the_end_of_64_bits_are_refused_or_missing),
		cmocka_unit_test(an_empty_view_has_nothing_and_reads_as_missing),
		cmocka_unit_test(a_take_that_fails_ends_the_push),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
