/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements are dealt into 256 buckets by their first byte as they come, which is the first pass of the sort at no cost of its own; what is left to
 * sort lies close together, and threads share the buckets. An element is a key itself, or a prefix and the place of a record in the arena;
 * elements with equal prefixes are put in order by their records afterwards.
 */
#include "base/sort/extsort.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/temp.h"
#include "base/sort/keysort.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define N_BUCKETS 256
#define REF_SIZE 16                    /* prefix, big endian, and the record's address */
#define BUCKET_MIN 64                  /* elements */
#define CHUNK ((size_t)1 << 20)        /* bytes of the arena */
#define RUN_BUFFER ((size_t)256 << 10) /* bytes read ahead of a run, at least */
#define RUN_HEAD 12                    /* u64 prefix, u32 length */
#define RUNS_MAX ((size_t)1 << 16)
#define THREADS_MAX 64

struct bucket {
	uint8_t *v;    /* owned */
	size_t n, cap; /* elements */
};

struct chunk {
	struct chunk *next;
	size_t n, cap;
	uint8_t bytes[];
};

/* A sorted stretch of the temporary file, and where its reader is. */
struct run {
	uint64_t at, end;   /* bytes that were not read yet */
	uint8_t *buf;       /* owned */
	size_t cap, n, pos; /* the current record begins at pos */
	uint64_t prefix;
	const uint8_t *p;
	size_t len, step; /* step: of the record as a whole */
};

struct trw_recsort {
	struct trw_recsort_options o;
	size_t element; /* bytes */
	struct bucket buckets[N_BUCKETS];
	struct chunk *arena;
	uint64_t held; /* bytes of buckets and arena */
	struct trw_temp temp;
	struct run *runs; /* owned */
	size_t n_runs, cap_runs;
	struct run **heap; /* owned; least first, when runs are merged */
	size_t n_heap;
	bool is_merging, is_taken; /* is_taken: the record of heap[0] was handed out */
	size_t bucket, element_at; /* the next one, when nothing was spilled */
};

enum trw_status
trw_recsort_new(
	const struct trw_recsort_options *options, struct trw_recsort **out, struct trw_err *err)
{
	struct trw_recsort *s = trw_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return TRW_ENOMEM;
	s->o = *options;
	if (s->o.memory < TRW_RECSORT_MEMORY_MIN)
		s->o.memory = TRW_RECSORT_MEMORY_MIN;
	s->element = s->o.size == 0 ? REF_SIZE : s->o.size;
	s->temp.folder = s->o.folder;
	*out = s;
	return TRW_OK;
}

static void
arena_free(struct trw_recsort *s)
{
	while (s->arena != NULL) {
		struct chunk *next = s->arena->next;
		free(s->arena);
		s->arena = next;
	}
}

static void
memory_free(struct trw_recsort *s)
{
	for (size_t b = 0; b < N_BUCKETS; b++) {
		free(s->buckets[b].v);
		s->buckets[b] = (struct bucket){0};
	}
	arena_free(s);
	s->held = 0;
}

void
trw_recsort_free(struct trw_recsort *s)
{
	if (s == NULL)
		return;
	memory_free(s);
	for (size_t i = 0; i < s->n_runs; i++)
		free(s->runs[i].buf);
	free(s->runs);
	free(s->heap);
	trw_temp_close(&s->temp);
	free(s);
}

/* ---- sorting what is in memory ---- */

static const uint8_t *
record_of(const uint8_t *element, size_t *n)
{
	const uint8_t *record;

	memcpy(&record, element + 8, sizeof(record));
	*n = trw_le32(record);
	return record + 4;
}

static int
records_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

static int
by_record(const void *x, const void *y)
{
	size_t x_len, y_len;
	const uint8_t *a = record_of(x, &x_len), *b = record_of(y, &y_len);

	return records_compare(a, x_len, b, y_len);
}

static void
bucket_sort(const struct trw_recsort *s, struct bucket *b)
{
	if (b->n < 2)
		return;
	trw_keysort(b->v, b->n, s->element, s->o.size == 0 ? 8 : s->o.size);
	if (s->o.size != 0)
		return;
	for (size_t i = 0, j; i < b->n; i = j) {
		const uint8_t *first = b->v + i * REF_SIZE;
		for (j = i + 1; j < b->n && memcmp(first, b->v + j * REF_SIZE, 8) == 0;)
			j++;
		if (j - i > 1)
			qsort(b->v + i * REF_SIZE, j - i, REF_SIZE, by_record);
	}
}

struct crew {
	struct trw_recsort *s;
	atomic_size_t next;
};

static void *
crew_work(void *ctx)
{
	struct crew *crew = ctx;
	size_t b;

	while ((b = atomic_fetch_add_explicit(&crew->next, 1, memory_order_relaxed)) < N_BUCKETS)
		bucket_sort(crew->s, &crew->s->buckets[b]);
	return NULL;
}

/* The caller is one of the threads: without a second one it does all the work. */
static void
buckets_sort(struct trw_recsort *s)
{
	struct crew crew = {.s = s};
	pthread_t threads[THREADS_MAX];
	unsigned n = 0;

	while (n + 1 < s->o.n_threads && n < THREADS_MAX &&
		pthread_create(&threads[n], NULL, crew_work, &crew) == 0)
		n++;
	(void)crew_work(&crew);
	while (n > 0)
		(void)pthread_join(threads[--n], NULL);
}

/* ---- runs ---- */

struct run_writer {
	struct trw_temp *temp;
	uint8_t *buf; /* of CHUNK bytes */
	size_t n;
};

static enum trw_status
run_flush(struct run_writer *w, struct trw_err *err)
{
	size_t n = w->n;

	w->n = 0;
	return n == 0 ? TRW_OK : trw_temp_append(w->temp, w->buf, n, err);
}

static enum trw_status
run_put(struct run_writer *w, const uint8_t *p, size_t n, struct trw_err *err)
{
	if (n > CHUNK - w->n) {
		enum trw_status st = run_flush(w, err);
		if (st == TRW_OK && n > CHUNK)
			return trw_temp_append(w->temp, p, n, err);
		if (st < 0)
			return st;
	}
	memcpy(w->buf + w->n, p, n);
	w->n += n;
	return TRW_OK;
}

static enum trw_status
element_put(struct run_writer *w, const uint8_t *element, struct trw_err *err)
{
	uint8_t head[RUN_HEAD];
	size_t n;
	const uint8_t *record = record_of(element, &n);
	enum trw_status st;

	memcpy(head, element, 8);
	trw_put_le32(head + 8, (uint32_t)n);
	st = run_put(w, head, sizeof(head), err);
	return st < 0 ? st : run_put(w, record, n, err);
}

static enum trw_status
bucket_put(const struct trw_recsort *s, struct run_writer *w, const struct bucket *b,
	struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < b->n; i++) {
		const uint8_t *element = b->v + i * s->element;
		st = s->o.size == 0 ? element_put(w, element, err)
				    : run_put(w, element, s->element, err);
	}
	return st;
}

/* All that is in memory becomes a run. Buckets keep their room for what comes. */
static enum trw_status
spill(struct trw_recsort *s, struct trw_err *err)
{
	struct run_writer w = {.temp = &s->temp, .buf = trw_alloc(CHUNK, 1, err)};
	struct run *runs =
		trw_grow(s->runs, s->n_runs, &s->cap_runs, sizeof(*s->runs), RUNS_MAX, err);
	uint64_t at = s->temp.n;
	enum trw_status st = w.buf == NULL ? TRW_ENOMEM : TRW_OK;

	if (runs != NULL)
		s->runs = runs;
	else
		st = st < 0 ? st : err != NULL ? err->status : TRW_ENOMEM;
	if (st == TRW_OK)
		buckets_sort(s);
	for (size_t b = 0; st == TRW_OK && b < N_BUCKETS; b++)
		st = bucket_put(s, &w, &s->buckets[b], err);
	if (st == TRW_OK)
		st = run_flush(&w, err);
	free(w.buf);
	if (st < 0)
		return st;
	s->runs[s->n_runs++] = (struct run){.at = at, .end = s->temp.n};
	arena_free(s);
	s->held = 0;
	for (size_t b = 0; b < N_BUCKETS; b++) {
		s->buckets[b].n = 0;
		s->held += s->buckets[b].cap * s->element;
	}
	return TRW_OK;
}

/* ---- putting ---- */

static bool
is_empty(const struct trw_recsort *s)
{
	for (size_t b = 0; b < N_BUCKETS; b++)
		if (s->buckets[b].n > 0)
			return false;
	return true;
}

/*
 * Room for `more` bytes within the limit. Where the rooms of emptied buckets alone fill the limit - the values are
 * not spread as they were - they are given back.
 */
static enum trw_status
room_make(struct trw_recsort *s, uint64_t more, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (s->held + more <= s->o.memory)
		return TRW_OK;
	if (!is_empty(s))
		st = spill(s, err);
	if (st == TRW_OK && s->held + more > s->o.memory)
		memory_free(s);
	return st;
}

static size_t
growth(const struct bucket *b)
{
	return b->cap < BUCKET_MIN ? BUCKET_MIN : b->cap / 2;
}

static enum trw_status
bucket_extend(struct trw_recsort *s, struct bucket *b, struct trw_err *err)
{
	size_t more = growth(b);
	void *v = realloc(b->v, (b->cap + more) * s->element);

	if (v == NULL)
		return trw_fail(err, TRW_ENOMEM, "out of memory for sorting: lower --memory");
	b->v = v;
	b->cap += more;
	s->held += more * s->element;
	return TRW_OK;
}

static enum trw_status
bucket_grow(struct trw_recsort *s, struct bucket *b, struct trw_err *err)
{
	enum trw_status st = room_make(s, growth(b) * s->element, err);

	/* After a spill there may be room in it. */
	return st < 0 || b->n < b->cap ? st : bucket_extend(s, b, err);
}

static inline __attribute__((always_inline)) enum trw_status
keys_deal(struct trw_recsort *s, const uint8_t *keys, size_t n, size_t size, struct trw_err *err)
{
	for (size_t i = 0; i < n; i++, keys += size) {
		struct bucket *b = &s->buckets[keys[0]];
		if (b->n == b->cap) {
			enum trw_status st = bucket_grow(s, b, err);
			if (st < 0)
				return st;
		}
		memcpy(b->v + b->n++ * size, keys, size);
	}
	return TRW_OK;
}

enum trw_status
trw_recsort_put_keys(struct trw_recsort *s, const uint8_t *keys, size_t n, struct trw_err *err)
{
	switch (s->element) { /* a constant size is moved in registers */
	case 16:
		return keys_deal(s, keys, n, 16, err);
	case 20:
		return keys_deal(s, keys, n, 20, err);
	case 32:
		return keys_deal(s, keys, n, 32, err);
	default:
		return keys_deal(s, keys, n, s->element, err);
	}
}

/* n bytes of the arena, in one piece; NULL with err filled. */
static uint8_t *
arena_take(struct trw_recsort *s, size_t n, struct trw_err *err)
{
	struct chunk *c = s->arena;

	if (c == NULL || n > c->cap - c->n) {
		size_t cap = n > CHUNK ? n : CHUNK;
		if (room_make(s, cap, err) < 0)
			return NULL;
		c = malloc(sizeof(*c) + cap);
		if (c == NULL) {
			(void)trw_fail(
				err, TRW_ENOMEM, "out of memory for sorting: lower --memory");
			return NULL;
		}
		*c = (struct chunk){.next = s->arena, .cap = cap};
		s->arena = c;
		s->held += cap;
	}
	uint8_t *p = c->bytes + c->n;
	c->n += n;
	return p;
}

enum trw_status
trw_recsort_put(
	struct trw_recsort *s, uint64_t prefix, const void *p, size_t n, struct trw_err *err)
{
	uint8_t element[REF_SIZE], *record = NULL;
	struct bucket *b = &s->buckets[prefix >> 56];
	enum trw_status st = TRW_OK;

	if (n > TRW_RECSORT_RECORD_MAX)
		return trw_fail(err, TRW_ELIMIT, "a record of %zu bytes is longer than %zu", n,
			TRW_RECSORT_RECORD_MAX);
	/* The bucket first: while the record is in the arena and not in its bucket yet, nothing may be spilled. */
	if (b->n == b->cap)
		st = bucket_grow(s, b, err);
	if (st == TRW_OK && (record = arena_take(s, n + 4, err)) == NULL)
		st = err != NULL ? err->status : TRW_ENOMEM;
	if (st == TRW_OK && b->n == b->cap) /* its room was given back meanwhile */
		st = bucket_extend(s, b, err);
	if (st < 0)
		return st;
	trw_put_le32(record, (uint32_t)n);
	memcpy(record + 4, p, n);
	for (unsigned i = 0; i < 8; i++)
		element[i] = (uint8_t)(prefix >> (56 - 8 * i));
	memcpy(element + 8, &record, sizeof(record));
	memcpy(b->v + b->n++ * REF_SIZE, element, REF_SIZE);
	return TRW_OK;
}

/* ---- taking ---- */

/* Bytes of the run's current record to the front of its buffer, and more behind them. TRW_END: there are none. */
static enum trw_status
run_fill(struct trw_recsort *s, struct run *r, size_t need, struct trw_err *err)
{
	size_t have = r->n - r->pos, cap = need > r->cap ? need : r->cap;
	uint64_t left = r->end - r->at;
	enum trw_status st;

	if (have + left < need)
		return have + left == 0
			       ? TRW_END
			       : trw_fail(err, TRW_EIO,
					 "%s: temporary file: its bytes have changed: check that disk",
					 s->o.folder);
	if (have > 0)
		memmove(r->buf, r->buf + r->pos, have);
	if (cap > r->cap || r->buf == NULL) {
		void *buf = realloc(r->buf, cap);
		if (buf == NULL)
			return trw_fail(
				err, TRW_ENOMEM, "out of memory for sorting: lower --memory");
		r->buf = buf;
		r->cap = cap;
	}
	size_t more = left < r->cap - have ? (size_t)left : r->cap - have;
	st = trw_temp_read(&s->temp, r->buf + have, more, r->at, err);
	r->at += more;
	r->pos = 0;
	r->n = have + more;
	return st;
}

static enum trw_status
run_need(struct trw_recsort *s, struct run *r, size_t need, struct trw_err *err)
{
	return r->n - r->pos >= need ? TRW_OK : run_fill(s, r, need, err);
}

static enum trw_status
run_next(struct trw_recsort *s, struct run *r, struct trw_err *err)
{
	size_t head = s->o.size == 0 ? RUN_HEAD : 0;
	enum trw_status st;

	r->pos += r->step;
	r->step = 0;
	st = run_need(s, r, head == 0 ? s->o.size : head, err);
	if (st != TRW_OK)
		return st;
	r->len = s->o.size;
	if (head > 0) {
		r->len = trw_le32(r->buf + r->pos + 8);
		if (r->len > TRW_RECSORT_RECORD_MAX)
			return trw_fail(err, TRW_EIO,
				"%s: temporary file: its bytes have changed: check that disk",
				s->o.folder);
		st = run_need(s, r, head + r->len, err);
		if (st != TRW_OK)
			return st;
	}
	r->step = head + r->len;
	r->prefix = trw_be64(r->buf + r->pos);
	r->p = r->buf + r->pos + head;
	return TRW_OK;
}

static bool
run_before(const struct run *a, const struct run *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	return records_compare(a->p, a->len, b->p, b->len) < 0;
}

static void
heap_down(struct run **heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
			if (run_before(heap[child], heap[least]))
				least = child;
		if (least == i)
			return;
		struct run *held = heap[i];
		heap[i] = heap[least];
		heap[least] = held;
		i = least;
	}
}

static enum trw_status
merge_start(struct trw_recsort *s, struct trw_err *err)
{
	uint64_t share = s->o.memory / s->n_runs;
	enum trw_status st = TRW_OK;

	memory_free(s);
	s->heap = trw_alloc(s->n_runs, sizeof(struct run *), err);
	if (s->heap == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < s->n_runs; i++) {
		struct run *r = &s->runs[i];
		r->cap = share > RUN_BUFFER * 16  ? RUN_BUFFER * 16
			 : share < RUN_BUFFER / 4 ? RUN_BUFFER / 4
						  : (size_t)share;
		st = run_next(s, r, err);
		if (st < 0)
			return st;
		if (st == TRW_OK)
			s->heap[s->n_heap++] = r;
	}
	for (size_t i = s->n_heap / 2; i-- > 0;)
		heap_down(s->heap, s->n_heap, i);
	s->is_merging = true;
	return TRW_OK;
}

enum trw_status
trw_recsort_seal(struct trw_recsort *s, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (s->n_runs == 0) {
		buckets_sort(s);
		return TRW_OK;
	}
	if (!is_empty(s))
		st = spill(s, err);
	return st < 0 ? st : merge_start(s, err);
}

static enum trw_status
merge_next(struct trw_recsort *s, const uint8_t **p, size_t *n, struct trw_err *err)
{
	if (s->is_taken) {
		enum trw_status st = run_next(s, s->heap[0], err);
		if (st < 0)
			return st;
		if (st == TRW_END)
			s->heap[0] = s->heap[--s->n_heap];
		heap_down(s->heap, s->n_heap, 0);
		s->is_taken = false;
	}
	if (s->n_heap == 0)
		return TRW_END;
	s->is_taken = true;
	*p = s->heap[0]->p;
	*n = s->heap[0]->len;
	return TRW_OK;
}

enum trw_status
trw_recsort_next(struct trw_recsort *s, const uint8_t **p, size_t *n, struct trw_err *err)
{
	if (s->is_merging)
		return merge_next(s, p, n, err);
	while (s->bucket < N_BUCKETS && s->element_at == s->buckets[s->bucket].n) {
		free(s->buckets[s->bucket]
				.v); /* what was taken makes room for what is made of it */
		s->buckets[s->bucket++] = (struct bucket){0};
		s->element_at = 0;
	}
	if (s->bucket == N_BUCKETS)
		return TRW_END;
	const uint8_t *element = s->buckets[s->bucket].v + s->element_at++ * s->element;
	*p = s->o.size == 0 ? record_of(element, n) : element;
	if (s->o.size != 0)
		*n = s->o.size;
	return TRW_OK;
}
