/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements are dealt into 256 buckets by their first byte as they come, which is the first pass of the sort at no cost of its own; what is left to
 * sort lies close together, and threads share the buckets. An element is a key itself, or a prefix and the place of a record in the arena;
 * elements with equal prefixes are put in order by their records afterwards.
 */
#include "base/sort/extsort.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/sort/keysort.h"
#include "base/sort/merge.h"
#include "base/team.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define N_BUCKETS 256
#define REF_SIZE 16   /* prefix, big endian, and the record's address */
#define BUCKET_MIN 64 /* elements */
#define BUCKET_SHARE                                                                               \
	512 /* elements that each bucket should have room for; else there are fewer buckets */
#define CHUNK ((size_t)1 << 20) /* bytes of the arena; less when memory is scarce */

static_assert(TRW_EXTSORT_RECORD_MAX == TRW_MERGE_RECORD_MAX, "runs hold every record");

struct bucket {
	uint8_t *v;    /* owned */
	size_t n, cap; /* elements */
};

struct chunk {
	struct chunk *next;
	size_t n, cap;
	uint8_t bytes[];
};

struct trw_extsort {
	struct trw_extsort_options o;
	size_t element; /* bytes */
	unsigned shift; /* of the first byte: what is left is the number of its bucket */
	struct bucket buckets[N_BUCKETS];
	struct chunk *arena;
	uint64_t held; /* bytes of buckets and arena */
	struct trw_merge merge;
	bool is_sealed;
	size_t bucket, element_at; /* the next one, when nothing was spilled */
};

enum trw_status
trw_extsort_new(
	const struct trw_extsort_options *options, struct trw_extsort **out, struct trw_err *err)
{
	struct trw_extsort *s = trw_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return TRW_ENOMEM;
	s->o = *options;
	if (s->o.memory < TRW_EXTSORT_MEMORY_MIN)
		s->o.memory = TRW_EXTSORT_MEMORY_MIN;
	s->element = s->o.size == 0 ? REF_SIZE : s->o.size;
	while (s->shift < 8 &&
		s->o.memory / s->element < (uint64_t)BUCKET_SHARE * (N_BUCKETS >> s->shift))
		s->shift++;
	s->merge = (struct trw_merge){
		.size = s->o.size, .memory = s->o.memory, .temp.folder = s->o.folder};
	*out = s;
	return TRW_OK;
}

static void
arena_free(struct trw_extsort *s)
{
	while (s->arena != NULL) {
		struct chunk *next = s->arena->next;
		free(s->arena);
		s->arena = next;
	}
}

static void
memory_free(struct trw_extsort *s)
{
	for (size_t b = 0; b < N_BUCKETS; b++) {
		free(s->buckets[b].v);
		s->buckets[b] = (struct bucket){0};
	}
	arena_free(s);
	s->held = 0;
}

void
trw_extsort_free(struct trw_extsort *s)
{
	if (s == NULL)
		return;
	memory_free(s);
	trw_merge_clear(&s->merge);
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
by_record(const void *x, const void *y)
{
	size_t x_len, y_len;
	const uint8_t *a = record_of(x, &x_len), *b = record_of(y, &y_len);

	return trw_merge_compare(a, x_len, b, y_len);
}

static void
bucket_sort(void *ctx, unsigned member, size_t number)
{
	const struct trw_extsort *s = ctx;
	const struct bucket *b = &s->buckets[number];

	(void)member;
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

static void
buckets_sort(struct trw_extsort *s)
{
	trw_team_run(s->o.n_threads, N_BUCKETS, bucket_sort, s);
}

/* ---- runs ---- */

static enum trw_status
element_put(struct trw_merge *m, const uint8_t *element, struct trw_err *err)
{
	uint8_t head[TRW_MERGE_HEAD];
	size_t n;
	const uint8_t *record = record_of(element, &n);
	enum trw_status st;

	memcpy(head, element, 8);
	trw_put_le32(head + 8, (uint32_t)n);
	st = trw_merge_run_put(m, head, sizeof(head), err);
	return st < 0 ? st : trw_merge_run_put(m, record, n, err);
}

static enum trw_status
bucket_put(struct trw_extsort *s, const struct bucket *b, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (s->o.size != 0)
		return b->n == 0 ? TRW_OK
				 : trw_merge_run_put(&s->merge, b->v, b->n * s->element, err);
	for (size_t i = 0; st == TRW_OK && i < b->n; i++)
		st = element_put(&s->merge, b->v + i * REF_SIZE, err);
	return st;
}

/* All that is in memory becomes a run. Buckets keep their room for what comes. */
static enum trw_status
spill(struct trw_extsort *s, struct trw_err *err)
{
	enum trw_status st = trw_merge_run_begin(&s->merge, err);

	if (st == TRW_OK)
		buckets_sort(s);
	for (size_t b = 0; st == TRW_OK && b < N_BUCKETS; b++)
		st = bucket_put(s, &s->buckets[b], err);
	if (st == TRW_OK)
		st = trw_merge_run_end(&s->merge, err);
	if (st < 0)
		return st;
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
is_empty(const struct trw_extsort *s)
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
room_make(struct trw_extsort *s, uint64_t more, struct trw_err *err)
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

/* Elements: half as many again, less where the limit is near, so that it is used up before a run is written. */
static size_t
growth(const struct trw_extsort *s, const struct bucket *b)
{
	size_t more = b->cap / 2;

	while (more > b->cap / 16 && s->held + more * s->element > s->o.memory)
		more /= 2;
	return more > BUCKET_MIN ? more : BUCKET_MIN;
}

static enum trw_status
fail_memory(struct trw_err *err)
{
	return trw_fail(err, TRW_ENOMEM, "out of memory for sorting: lower --memory");
}

static enum trw_status
bucket_extend(struct trw_extsort *s, struct bucket *b, struct trw_err *err)
{
	size_t more = growth(s, b);
	void *v = trw_realloc(b->v, b->cap + more, s->element, err);

	if (v == NULL)
		return fail_memory(err);
	b->v = v;
	b->cap += more;
	s->held += more * s->element;
	return TRW_OK;
}

static enum trw_status
bucket_grow(struct trw_extsort *s, struct bucket *b, struct trw_err *err)
{
	enum trw_status st = room_make(s, growth(s, b) * s->element, err);

	/* After a spill there may be room in it. */
	return st < 0 || b->n < b->cap ? st : bucket_extend(s, b, err);
}

static inline __attribute__((always_inline)) enum trw_status
keys_deal(struct trw_extsort *s, const uint8_t *keys, size_t n, size_t size, struct trw_err *err)
{
	for (size_t i = 0; i < n; i++, keys += size) {
		struct bucket *b = &s->buckets[keys[0] >> s->shift];
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
trw_extsort_put_keys(struct trw_extsort *s, const uint8_t *keys, size_t n, struct trw_err *err)
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
arena_take(struct trw_extsort *s, size_t n, struct trw_err *err)
{
	struct chunk *c = s->arena;

	if (c == NULL || n > c->cap - c->n) {
		size_t chunk = s->o.memory / 16 < CHUNK ? (size_t)s->o.memory / 16 : CHUNK;
		size_t cap = n > chunk ? n : chunk;
		if (room_make(s, cap, err) < 0)
			return NULL;
		c = trw_realloc(NULL, 1, sizeof(*c) + cap, err);
		if (c == NULL) {
			(void)fail_memory(err);
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
trw_extsort_put(
	struct trw_extsort *s, uint64_t prefix, const void *p, size_t n, struct trw_err *err)
{
	uint8_t element[REF_SIZE], *record = NULL;
	struct bucket *b = &s->buckets[prefix >> 56 >> s->shift];
	enum trw_status st = TRW_OK;

	if (n > TRW_EXTSORT_RECORD_MAX)
		return trw_fail(err, TRW_ELIMIT, "a record of %zu bytes is longer than %zu", n,
			TRW_EXTSORT_RECORD_MAX);
	/* The bucket first: while the record is in the arena and not in its bucket yet, nothing may be spilled. */
	if (b->n == b->cap)
		st = bucket_grow(s, b, err);
	if (st == TRW_OK && (record = arena_take(s, n + 4, err)) == NULL)
		st = err->status;
	if (st == TRW_OK && b->n == b->cap) /* its room was given back meanwhile */
		st = bucket_extend(s, b, err);
	if (st < 0)
		return st;
	trw_put_le32(record, (uint32_t)n);
	memcpy(record + 4, p, n);
	trw_put_be64(element, prefix);
	memcpy(element + 8, &record, sizeof(record));
	memcpy(b->v + b->n++ * REF_SIZE, element, REF_SIZE);
	return TRW_OK;
}

/* ---- taking ---- */

enum trw_status
trw_extsort_seal(struct trw_extsort *s, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	assert(!s->is_sealed);
	s->is_sealed = true;
	if (s->merge.n_runs == 0) {
		buckets_sort(s);
		return TRW_OK;
	}
	if (!is_empty(s))
		st = spill(s, err);
	memory_free(s);
	return st < 0 ? st : trw_merge_start(&s->merge, err);
}

uint64_t
trw_extsort_memory(const struct trw_extsort *s)
{
	if (!s->is_sealed)
		return s->o.memory;
	return s->merge.n_runs > 0 ? trw_merge_memory(&s->merge) : s->held;
}

enum trw_status
trw_extsort_next(struct trw_extsort *s, const uint8_t **p, size_t *n, struct trw_err *err)
{
	assert(s->is_sealed);
	if (s->merge.n_runs > 0)
		return trw_merge_next(&s->merge, p, n, err);
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
