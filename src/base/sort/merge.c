/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each run that is read has a buffer, whose first record is the one that it would give next; a heap of the runs by that
 * record yields the whole order. Where there are more runs than there is memory for buffers, merges into a new file
 * come first, each of as many runs as fit.
 */
#include "base/sort/merge.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/sort/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MAX ((size_t)1 << 24)
#define BUFFER_MAX ((size_t)1 << 20) /* bytes read or written at once */
#define BUFFER_MIN ((size_t)4 << 10) /* a merge takes no more runs than have this each */

struct trw_merge_run {
	uint64_t at, end;   /* bytes of the file that were not read yet */
	uint8_t *buf;       /* owned */
	size_t cap, n, pos; /* the current record begins at pos */
	uint64_t prefix;
	const uint8_t *p; /* the record, without its head */
	size_t len, step; /* step: with its head */
};

static void
readers_clear(struct trw_merge *m)
{
	for (size_t i = 0; i < m->n_runs; i++) {
		free(m->runs[i].buf);
		m->runs[i].buf = NULL;
	}
	free(m->heap);
	m->heap = NULL;
	m->n_heap = 0;
	m->is_taken = false;
}

void
trw_merge_clear(struct trw_merge *m)
{
	readers_clear(m);
	free(m->runs);
	trw_buf_clear(&m->out);
	trw_temp_close(&m->temp);
	*m = (struct trw_merge){
		.size = m->size, .memory = m->memory, .temp.folder = m->temp.folder};
}

int
trw_merge_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

/* ---- writing ---- */

static size_t
buffer_size(const struct trw_merge *m, size_t n)
{
	uint64_t share = m->memory / n;

	return share > BUFFER_MAX ? BUFFER_MAX : share < BUFFER_MIN ? BUFFER_MIN : (size_t)share;
}

/* A buffer to write from, of a share of the memory. */
static enum trw_status
out_begin(struct trw_merge *m, size_t shares, struct trw_err *err)
{
	size_t max = buffer_size(m, shares);

	trw_buf_clear(&m->out);
	m->out.v = trw_alloc(max, 1, err);
	if (m->out.v == NULL)
		return TRW_ENOMEM;
	m->out.cap = m->out.max = max;
	return TRW_OK;
}

static enum trw_status
flush(struct trw_merge *m, struct trw_temp *to, struct trw_err *err)
{
	size_t n = m->out.n;

	m->out.n = 0;
	return n == 0 ? TRW_OK : trw_temp_append(to, m->out.v, n, err);
}

static enum trw_status
put(struct trw_merge *m, struct trw_temp *to, const void *p, size_t n, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (n > m->out.max - m->out.n)
		st = flush(m, to, err);
	if (st < 0)
		return st;
	return n > m->out.max ? trw_temp_append(to, p, n, err) : trw_buf_put(&m->out, p, n, err);
}

enum trw_status
trw_merge_run_begin(struct trw_merge *m, struct trw_err *err)
{
	void *v = trw_grow(m->runs, m->n_runs, &m->cap_runs, sizeof(*m->runs), RUNS_MAX, err);

	if (v == NULL)
		return err->status;
	m->runs = v;
	m->runs[m->n_runs++] = (struct trw_merge_run){.at = m->temp.n};
	return out_begin(m, 16, err);
}

enum trw_status
trw_merge_run_put(struct trw_merge *m, const void *p, size_t n, struct trw_err *err)
{
	return put(m, &m->temp, p, n, err);
}

enum trw_status
trw_merge_run_end(struct trw_merge *m, struct trw_err *err)
{
	enum trw_status st = flush(m, &m->temp, err);

	trw_buf_clear(&m->out);
	m->runs[m->n_runs - 1].end = m->temp.n;
	return st;
}

/* ---- reading ---- */

static enum trw_status
fail_changed(const struct trw_merge *m, struct trw_err *err)
{
	return trw_fail(err, TRW_EIO, "%s: temporary file: its bytes have changed: check that disk",
		m->temp.folder);
}

/* Bytes of the run's current record to the front of its buffer, and more behind them. TRW_END: there are none. */
static enum trw_status
run_fill(const struct trw_merge *m, struct trw_merge_run *r, size_t need, struct trw_err *err)
{
	size_t have = r->n - r->pos, cap = need > r->cap ? need : r->cap;
	uint64_t left = r->end - r->at;
	enum trw_status st;

	if (have + left < need)
		return have + left == 0 ? TRW_END : fail_changed(m, err);
	if (have > 0)
		memmove(r->buf, r->buf + r->pos, have);
	if (cap > r->cap || r->buf == NULL) {
		void *buf = trw_realloc(r->buf, cap, 1, err);
		if (buf == NULL)
			return TRW_ENOMEM;
		r->buf = buf;
		r->cap = cap;
	}
	size_t more = left < r->cap - have ? (size_t)left : r->cap - have;
	st = trw_temp_read(&m->temp, r->buf + have, more, r->at, err);
	r->at += more;
	r->pos = 0;
	r->n = have + more;
	return st;
}

static enum trw_status
run_need(const struct trw_merge *m, struct trw_merge_run *r, size_t need, struct trw_err *err)
{
	return r->n - r->pos >= need ? TRW_OK : run_fill(m, r, need, err);
}

static enum trw_status
run_next(const struct trw_merge *m, struct trw_merge_run *r, struct trw_err *err)
{
	size_t head = m->size == 0 ? TRW_MERGE_HEAD : 0;
	enum trw_status st;

	r->pos += r->step;
	r->step = 0;
	st = run_need(m, r, head == 0 ? m->size : head, err);
	if (st != TRW_OK)
		return st;
	r->len = m->size;
	if (head > 0) {
		r->len = trw_le32(r->buf + r->pos + 8);
		if (r->len > TRW_MERGE_RECORD_MAX)
			return fail_changed(m, err);
		st = run_need(m, r, head + r->len, err);
		if (st != TRW_OK)
			return st;
	}
	r->step = head + r->len;
	r->prefix = trw_be64(r->buf + r->pos);
	r->p = r->buf + r->pos + head;
	return TRW_OK;
}

static inline bool
run_before(const void *x, const void *y)
{
	const struct trw_merge_run *a = *(struct trw_merge_run *const *)x;
	const struct trw_merge_run *b = *(struct trw_merge_run *const *)y;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	return trw_merge_compare(a->p, a->len, b->p, b->len) < 0;
}

static void
heap_down(struct trw_merge *m, size_t i)
{
	trw_heap_down(m->heap, m->n_heap, sizeof(*m->heap), i, run_before);
}

/* Read n runs from the first on; `spare` more buffers are for others. */
static enum trw_status
readers_start(struct trw_merge *m, struct trw_merge_run *runs, size_t n, size_t spare,
	struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	m->heap = trw_alloc(n, sizeof(struct trw_merge_run *), err);
	if (m->heap == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		assert(runs[i].at < runs[i].end);
		runs[i].cap = buffer_size(m, n + spare);
		st = run_next(m, &runs[i], err);
		m->heap[m->n_heap++] = &runs[i];
	}
	for (size_t i = m->n_heap / 2; st == TRW_OK && i-- > 0;)
		heap_down(m, i);
	return st;
}

/* From the record that was handed out to the one after it. TRW_END: there is none. */
static enum trw_status
step(struct trw_merge *m, struct trw_err *err)
{
	if (m->is_taken) {
		enum trw_status st = run_next(m, m->heap[0], err);
		if (st < 0)
			return st;
		if (st == TRW_END)
			m->heap[0] = m->heap[--m->n_heap];
		heap_down(m, 0);
	}
	m->is_taken = m->n_heap > 0;
	return m->is_taken ? TRW_OK : TRW_END;
}

enum trw_status
trw_merge_next(struct trw_merge *m, const uint8_t **p, size_t *n, struct trw_err *err)
{
	enum trw_status st = step(m, err);

	if (st != TRW_OK)
		return st;
	*p = m->heap[0]->p;
	*n = m->heap[0]->len;
	return TRW_OK;
}

/* n runs into one at the end of another file. */
static enum trw_status
group_merge(struct trw_merge *m, struct trw_merge_run *runs, size_t n, struct trw_temp *to,
	struct trw_err *err)
{
	enum trw_status st = out_begin(m, n + 1, err);

	if (st == TRW_OK)
		st = readers_start(m, runs, n, 1, err);
	while (st == TRW_OK && (st = step(m, err)) == TRW_OK)
		st = put(m, to, m->heap[0]->buf + m->heap[0]->pos, m->heap[0]->step, err);
	if (st == TRW_END)
		st = flush(m, to, err);
	readers_clear(m);
	return st;
}

/* Runs, at most `width` at a time, into fewer ones of a new file. */
static enum trw_status
pass(struct trw_merge *m, size_t width, struct trw_err *err)
{
	struct trw_temp to = {.folder = m->temp.folder};
	enum trw_status st = TRW_OK;
	size_t n_new = 0;

	for (size_t i = 0; st == TRW_OK && i < m->n_runs; i += width) {
		uint64_t at = to.n;
		st = group_merge(
			m, &m->runs[i], m->n_runs - i < width ? m->n_runs - i : width, &to, err);
		m->runs[n_new++] = (struct trw_merge_run){.at = at, .end = to.n};
	}
	m->n_runs = n_new;
	trw_buf_clear(&m->out);
	trw_temp_close(&m->temp);
	m->temp = to;
	return st;
}

enum trw_status
trw_merge_start(struct trw_merge *m, struct trw_err *err)
{
	size_t width = m->memory / BUFFER_MIN < 3 ? 2 : (size_t)(m->memory / BUFFER_MIN) - 1;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && m->n_runs > width)
		st = pass(m, width, err);
	return st < 0 ? st : readers_start(m, m->runs, m->n_runs, 0, err);
}

uint64_t
trw_merge_memory(const struct trw_merge *m)
{
	return m->n_runs * buffer_size(m, m->n_runs);
}
