/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lookup is bound by memory: one line of the index for a miss, and a row (for a kind that is not
 * the primary one also a place in the order) for a hit. Nothing in one lookup waits for another, so
 * they go through in stages, a block at a time: the lines of all are asked for, then their tags
 * compared and the rows of the candidates asked for, then those compared. Every position and row
 * that is read from the file is held against the header's counts: a wrong one finds nothing, and
 * reads nothing outside the map.
 */
#include "base/bytes.h"
#include "hashset/map.h"
#include "hashset/tags.h"

#include <string.h>

#define BLOCK 64 /* lookups that are under way side by side */

struct index {
	const struct trw_set *set;
	const uint8_t *lines, *order,
		*digests; /* digests: of row 0; order NULL: the primary kind */
	uint64_t n, n_lines, n_rows;
	size_t width, size; /* of a row; of a digest */
	trw_tags_match match;
};

struct probe {
	const uint8_t *line; /* NULL: it is a miss */
	uint32_t tag, candidates, first;
};

static bool
index_open(const struct trw_set *set, enum trw_hash_kind kind, struct index *x)
{
	const struct trw_tset_header *h = &set->h;

	if ((h->kinds & TRW_HASH_BIT(kind)) == 0)
		return false;
	*x = (struct index){.set = set,
		.lines = trw_set_section(set, TRW_TSET_LINES + (int)kind),
		.order = trw_set_section(set, TRW_TSET_ORDER + (int)kind),
		.digests = trw_set_row_bytes(set, 0) + h->digest_at[kind],
		.n = h->n_by_kind[kind],
		.n_lines = h->n_lines[kind],
		.n_rows = h->n_rows,
		.width = h->row_width,
		.size = trw_hash_size(kind),
		.match = trw_tags_choose()};
	return true;
}

static const uint8_t *
digest_at(const struct index *x, uint32_t position)
{
	uint32_t row = position;

	if (x->order != NULL)
		row = trw_le32(x->order + 4 * (size_t)position);
	return x->digests + (row < x->n_rows ? row : 0) * x->width;
}

/* The first position in [low, high) whose digest is not below (after: is above) this one. */
static uint32_t
bound(const struct index *x, const uint8_t *digest, uint32_t low, uint32_t high, bool after)
{
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = memcmp(digest_at(x, mid), digest, x->size);
		if (c < 0 || (after && c == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A row may lie in two lines of memory. */
static void
digest_prefetch(const struct index *x, const uint8_t *digest)
{
	__builtin_prefetch(digest);
	__builtin_prefetch(digest + x->size - 1);
}

static void
probe_start(const struct index *x, const uint8_t *digest, struct probe *p)
{
	uint64_t bucket = trw_tset_bucket(trw_be64(digest), x->n_lines, &p->tag);

	p->line = x->lines + bucket * TRW_TSET_LINE;
	__builtin_prefetch(p->line);
}

/*
 * False for the usual miss, which costs one line of memory: no tag fits, and what lies behind the
 * line, if anything, has greater ones, for tags ascend. (An unused last tag is greater than any.)
 */
static bool
probe_tags(const struct index *x, struct probe *p)
{
	p->candidates = x->match(p->line, p->tag);
	p->first = trw_le32(p->line);
	return p->candidates != 0 || p->tag >= trw_le32(p->line + TRW_TSET_LINE - 4);
}

/* What comes after the tags: the row, or its place in the order. */
static void
probe_ask(const struct index *x, const struct probe *p)
{
	if (p->candidates == 0)
		return;
	uint32_t position = p->first + (uint32_t)__builtin_ctz(p->candidates);
	if (position >= x->n)
		return;
	if (x->order != NULL)
		__builtin_prefetch(x->order + 4 * (size_t)position);
	else
		digest_prefetch(x, x->digests + position * x->width);
}

/* Of a kind with an order: its place has come by now, and says where the row is. */
static void
probe_row(const struct index *x, const struct probe *p)
{
	if (p->candidates == 0 || x->order == NULL)
		return;
	uint32_t position = p->first + (uint32_t)__builtin_ctz(p->candidates);
	if (position < x->n)
		digest_prefetch(x, digest_at(x, position));
}

/* The first position whose tag fits and whose digest is this one. False: none. */
static bool
tags_find(const struct index *x, const struct probe *p, const uint8_t *digest, uint32_t *at)
{
	for (uint32_t left = p->candidates; left != 0; left &= left - 1) {
		*at = p->first + (uint32_t)__builtin_ctz(left);
		if (*at < x->n && memcmp(digest_at(x, *at), digest, x->size) == 0)
			return true;
	}
	return false;
}

/*
 * The same among the positions that have no tag: what lies between the fifteenth of the bucket and
 * its end.
 */
static bool
overflow_find(const struct index *x, const struct probe *p, const uint8_t *digest, uint32_t end,
	uint32_t *at)
{
	if (end - p->first <= TRW_TSET_TAGS)
		return false;
	*at = bound(x, digest, p->first + TRW_TSET_TAGS, end, false);
	return *at < end && memcmp(digest_at(x, *at), digest, x->size) == 0;
}

static struct trw_set_found
probe_end(const struct index *x, const struct probe *p, const uint8_t *digest)
{
	struct trw_set_found none = {0, 0};
	uint32_t end, at = 0;
	bool is_found = tags_find(x, p, digest, &at);
	/*
	 * Where the next position has a tag in this line, and it differs, neither its row need be
	 * fetched to see that nor the next line, where the bucket ends: the usual hit.
	 */
	uint32_t next = at + 1 - p->first;
	if (is_found && next < TRW_TSET_TAGS && (p->candidates >> next & 1) == 0)
		return (struct trw_set_found){at, 1};
	end = trw_le32(p->line + TRW_TSET_LINE);
	if (end > x->n || p->first >= end)
		return none;
	if (!is_found && !overflow_find(x, p, digest, end, &at))
		return none;
	if (at + 1 >= end || memcmp(digest_at(x, at + 1), digest, x->size) != 0)
		return (struct trw_set_found){at, 1};
	return (struct trw_set_found){at, bound(x, digest, at, end, true) - at};
}

void
trw_set_lookup(const struct trw_set *set, enum trw_hash_kind kind, const uint8_t *digests, size_t n,
	struct trw_set_found *out)
{
	struct probe probes[BLOCK];
	struct index x;

	if (!index_open(set, kind, &x)) {
		memset(out, 0, n * sizeof(*out));
		return;
	}
	for (size_t start = 0; start < n; start += BLOCK) {
		const uint8_t *digest = digests + start * x.size;
		size_t count = n - start < BLOCK ? n - start : BLOCK;
		for (size_t i = 0; i < count; i++)
			probe_start(&x, digest + i * x.size, &probes[i]);
		for (size_t i = 0; i < count; i++)
			if (probe_tags(&x, &probes[i]))
				probe_ask(&x, &probes[i]);
			else
				probes[i].line = NULL;
		for (size_t i = 0; x.order != NULL && i < count; i++)
			if (probes[i].line != NULL)
				probe_row(&x, &probes[i]);
		for (size_t i = 0; i < count; i++)
			out[start + i] = probes[i].line == NULL
						 ? (struct trw_set_found){0, 0}
						 : probe_end(&x, &probes[i], digest + i * x.size);
	}
}
