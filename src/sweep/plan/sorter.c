/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces collect in one array. When it is full it is sorted and written as a run behind those that are in the
 * temporary file. At seal the array gives way to a read buffer for each run, and a heap of the runs, by the
 * piece that each would give next, yields the whole order. When there are more runs than there is memory for
 * buffers, merges into a new file come first, each of as many runs as fit.
 */
#include "sweep/plan/sorter.h"

#include "base/alloc.h"

#include "base/temp.h"

#include <assert.h>
#include <stdlib.h>

#define RUNS_MAX ((size_t)1 << 24)
#define BUFFER_MAX ((size_t)1 << 20) /* bytes read or written at once */
#define BUFFER_MIN ((size_t)4 << 10) /* a merge takes no more runs than have this each */

struct run {
	uint64_t off, n; /* its place in the file in bytes; pieces */
};

/* A run that is being read. */
struct source {
	uint64_t off, left;       /* in the file: where to read on, pieces left */
	struct trw_plan_piece *v; /* borrowed from merge.buffer */
	size_t i, n;              /* the piece to give next; i < n */
};

struct merge {
	struct trw_plan_piece
		*buffer;     /* owned: the buffers of all sources, then the one to write from */
	struct source *heap; /* owned; none is empty, the least piece is in heap[0] */
	size_t n, cap;       /* sources that are left; pieces in one buffer */
	uint64_t bytes;      /* of both arrays */
};

struct trw_sorter {
	size_t memory;
	struct trw_plan_piece
		*v; /* owned: pieces of the run to come; NULL once they are in a run */
	size_t n, cap, max;
	size_t i; /* sealed without runs: v[i] is next */
	bool is_sealed;
	struct trw_temp temp;
	struct run *runs; /* owned */
	size_t n_runs, cap_runs;
	struct merge merge;
};

enum trw_status
trw_sorter_new(uint64_t memory, const char *folder, struct trw_sorter **out, struct trw_err *err)
{
	struct trw_sorter *s = trw_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return TRW_ENOMEM;
	if (memory < TRW_SORTER_MEMORY_MIN)
		memory = TRW_SORTER_MEMORY_MIN;
	s->memory = memory < SIZE_MAX / 2 ? (size_t)memory : SIZE_MAX / 2;
	s->max = s->memory / sizeof(*s->v);
	s->temp.folder = folder;
	*out = s;
	return TRW_OK;
}

static void
merge_clear(struct merge *m)
{
	free(m->buffer);
	free(m->heap);
	*m = (struct merge){0};
}

void
trw_sorter_free(struct trw_sorter *s)
{
	if (s == NULL)
		return;
	merge_clear(&s->merge);
	trw_temp_close(&s->temp);
	free(s->runs);
	free(s->v);
	free(s);
}

static enum trw_status
add_run(struct trw_sorter *s, uint64_t off, uint64_t n, struct trw_err *err)
{
	void *v = trw_grow(s->runs, s->n_runs, &s->cap_runs, sizeof(*s->runs), RUNS_MAX, err);

	if (v == NULL)
		return err != NULL ? err->status : TRW_ENOMEM;
	s->runs = v;
	s->runs[s->n_runs++] = (struct run){.off = off, .n = n};
	return TRW_OK;
}

/* Sort what is in memory and write it as a run. */
static enum trw_status
spill(struct trw_sorter *s, struct trw_err *err)
{
	uint64_t off = s->temp.n;
	size_t step = BUFFER_MAX / sizeof(*s->v);
	enum trw_status status;

	trw_pieces_sort(s->v, s->n);
	for (size_t i = 0; i < s->n; i += step) {
		size_t part = s->n - i < step ? s->n - i : step;

		status = trw_temp_append(&s->temp, s->v + i, part * sizeof(*s->v), err);
		if (status < 0)
			return status;
	}
	status = add_run(s, off, s->n, err);
	s->n = 0;
	return status;
}

enum trw_status
trw_sorter_put(struct trw_sorter *s, const struct trw_plan_piece *piece, struct trw_err *err)
{
	enum trw_status status;
	void *v;

	assert(!s->is_sealed);
	if (s->n == s->max) {
		status = spill(s, err);
		if (status < 0)
			return status;
	}
	v = trw_grow(s->v, s->n, &s->cap, sizeof(*s->v), s->max, err);
	if (v == NULL)
		return err != NULL ? err->status : TRW_ENOMEM;
	s->v = v;
	s->v[s->n++] = *piece;
	return TRW_OK;
}

/* Read the next part of a run whose buffer is used up. */
static enum trw_status
fill(const struct trw_temp *temp, struct source *from, size_t cap, struct trw_err *err)
{
	size_t part = from->left < cap ? (size_t)from->left : cap;
	size_t bytes = part * sizeof(*from->v);
	enum trw_status status = trw_temp_read(temp, from->v, bytes, from->off, err);

	from->i = 0;
	from->n = part;
	from->left -= part;
	from->off += bytes;
	return status;
}

static bool
is_before(const struct source *a, const struct source *b)
{
	return trw_pieces_compare(&a->v[a->i], &b->v[b->i]) < 0;
}

/* Move heap[i] down to its place. */
static void
sift(struct merge *m, size_t i)
{
	struct source moving = m->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < m->n && is_before(&m->heap[child + 1], &m->heap[child]))
			child++;
		if (child >= m->n || !is_before(&m->heap[child], &moving))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = moving;
}

/* Begin to merge n runs; `spare` more buffers are the caller's. */
static enum trw_status
merge_begin(
	struct trw_sorter *s, const struct run *runs, size_t n, size_t spare, struct trw_err *err)
{
	struct merge *m = &s->merge;
	size_t bytes = s->memory / (n + spare);
	enum trw_status status = TRW_ENOMEM;

	if (bytes > BUFFER_MAX)
		bytes = BUFFER_MAX;
	m->cap = bytes / sizeof(*m->buffer);
	m->bytes = (n + spare) * m->cap * sizeof(*m->buffer) + n * sizeof(*m->heap);
	m->buffer = trw_alloc((n + spare) * m->cap, sizeof(*m->buffer), err);
	m->heap = trw_alloc(n, sizeof(*m->heap), err);
	if (m->buffer == NULL || m->heap == NULL)
		goto out;
	for (m->n = 0; m->n < n; m->n++) {
		struct source *from = &m->heap[m->n];

		*from = (struct source){.off = runs[m->n].off,
			.left = runs[m->n].n,
			.v = m->buffer + m->n * m->cap};
		status = fill(&s->temp, from, m->cap, err);
		if (status < 0)
			goto out;
	}
	for (size_t i = n / 2; i-- > 0;)
		sift(m, i);
	status = TRW_OK;
out:
	if (status < 0)
		merge_clear(m);
	return status;
}

static enum trw_status
merge_next(struct trw_sorter *s, struct trw_plan_piece *out, struct trw_err *err)
{
	struct merge *m = &s->merge;
	struct source *top = &m->heap[0];
	enum trw_status status;

	if (m->n == 0)
		return TRW_END;
	*out = top->v[top->i++];
	if (top->i == top->n && top->left > 0) {
		status = fill(&s->temp, top, m->cap, err);
		if (status < 0)
			return status;
	} else if (top->i == top->n) {
		*top = m->heap[--m->n];
	}
	if (m->n > 0)
		sift(m, 0);
	return TRW_OK;
}

/* Merge n runs into one at the end of another file. */
static enum trw_status
merge_into(struct trw_sorter *s, const struct run *runs, size_t n, struct trw_temp *to,
	struct trw_err *err)
{
	enum trw_status status = merge_begin(s, runs, n, 1, err);
	struct trw_plan_piece *v;
	size_t have = 0;

	if (status < 0)
		return status;
	v = s->merge.buffer + n * s->merge.cap;
	while ((status = merge_next(s, &v[have], err)) == TRW_OK) {
		if (++have < s->merge.cap)
			continue;
		status = trw_temp_append(to, v, have * sizeof(*v), err);
		if (status < 0)
			goto out;
		have = 0;
	}
	if (status == TRW_END)
		status = have > 0 ? trw_temp_append(to, v, have * sizeof(*v), err) : TRW_OK;
out:
	merge_clear(&s->merge);
	return status;
}

/* Merge the runs of the file, at most `width` at a time, into fewer ones of a new file. */
static enum trw_status
pass(struct trw_sorter *s, size_t width, struct trw_err *err)
{
	struct trw_temp to = {.folder = s->temp.folder};
	enum trw_status status;
	size_t n_new = 0;

	for (size_t i = 0; i < s->n_runs; i += width) {
		size_t n = s->n_runs - i < width ? s->n_runs - i : width;
		uint64_t off = to.n;

		status = merge_into(s, &s->runs[i], n, &to, err);
		if (status < 0) {
			trw_temp_close(&to);
			return status;
		}
		s->runs[n_new++] = (struct run){.off = off, .n = (to.n - off) / sizeof(*s->v)};
	}
	s->n_runs = n_new;
	trw_temp_close(&s->temp);
	s->temp = to;
	return TRW_OK;
}

enum trw_status
trw_sorter_seal(struct trw_sorter *s, struct trw_err *err)
{
	size_t width = s->memory / BUFFER_MIN - 1;
	enum trw_status status = TRW_OK;

	assert(!s->is_sealed);
	s->is_sealed = true;
	if (s->n_runs == 0) {
		trw_pieces_sort(s->v, s->n);
		return TRW_OK;
	}
	if (s->n > 0)
		status = spill(s, err);
	free(s->v);
	s->v = NULL;
	s->cap = 0;
	while (status == TRW_OK && s->n_runs > width)
		status = pass(s, width, err);
	return status < 0 ? status : merge_begin(s, s->runs, s->n_runs, 0, err);
}

enum trw_status
trw_sorter_next(struct trw_sorter *s, struct trw_plan_piece *out, struct trw_err *err)
{
	assert(s->is_sealed);
	if (s->n_runs > 0)
		return merge_next(s, out, err);
	if (s->i == s->n)
		return TRW_END;
	*out = s->v[s->i++];
	return TRW_OK;
}

uint64_t
trw_sorter_memory(const struct trw_sorter *s)
{
	if (!s->is_sealed)
		return s->memory;
	return s->n_runs > 0 ? s->merge.bytes : s->cap * sizeof(*s->v);
}
