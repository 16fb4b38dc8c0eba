/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/diff.h"

#include "base/cancel.h"

#include <string.h>

enum likeness {
	UNLIKE,  /* no entry has just these digests */
	ALTERED, /* one has, with another category or size */
	SAME,
};

static bool
has_digests(const struct trw_set *set, uint32_t row, const struct trw_entry *entry)
{
	if (trw_set_row_kinds(set, row) != entry->kinds)
		return false;
	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		if ((entry->kinds & TRW_HASH_BIT(kind)) != 0 &&
			memcmp(trw_set_row_digest(set, row, kind), entry->digest[kind],
				trw_hash_size(kind)) != 0)
			return false;
	}
	return true;
}

static bool
is_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool
is_same(const struct trw_entry *a, const struct trw_entry *b)
{
	return a->size == b->size && is_text(a->scheme, a->scheme_len, b->scheme, b->scheme_len) &&
	       is_text(a->category, a->category_len, b->category, b->category_len);
}

static enum trw_status
entry_find(const struct trw_set *set, const struct trw_entry *entry, enum likeness *out,
	struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry other;
	struct trw_set_found found;
	int k = 0;

	*out = UNLIKE;
	while (k < TRW_HASH_N && (entry->kinds & TRW_HASH_BIT(k)) == 0)
		k++;
	if (k == TRW_HASH_N)
		return TRW_OK;
	trw_set_lookup(set, (enum trw_hash_kind)k, entry->digest[k], 1, &found);
	for (uint32_t i = 0; i < found.n; i++) {
		uint32_t row = trw_set_row(set, (enum trw_hash_kind)k, found.at + i);
		if (!has_digests(set, row, entry))
			continue;
		enum trw_status st = trw_set_entry(set, row, &other, room, err);
		if (st < 0)
			return st;
		*out = ALTERED;
		if (is_same(entry, &other)) {
			*out = SAME;
			return TRW_OK;
		}
	}
	return TRW_OK;
}

struct side {
	const struct trw_set *set, *other;
	bool is_added;
	uint64_t n_same, n_only, n_altered;
};

static enum trw_status
side_compare(struct side *s, trw_set_difference_take take, void *ctx, struct trw_err *err)
{
	uint64_t n = trw_set_info(s->set)->n_entries;
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;

	for (uint64_t row = 0; row < n; row++) {
		enum likeness like;
		enum trw_status st = trw_set_entry(s->set, (uint32_t)row, &entry, room, err);
		if (st < 0 || (st = entry_find(s->other, &entry, &like, err)) < 0)
			return st;
		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		if (like == SAME) {
			s->n_same++;
			continue;
		}
		s->n_only++;
		s->n_altered += like == ALTERED;
		struct trw_set_difference d = {s->is_added, like == ALTERED, &entry};
		if (take != NULL && (st = take(ctx, &d, err)) != TRW_OK)
			return st;
	}
	return TRW_OK;
}

enum trw_status
trw_set_diff(const struct trw_set *older, const struct trw_set *newer, trw_set_difference_take take,
	void *ctx, struct trw_set_difference_counts *out, struct trw_err *err)
{
	struct side removed = {.set = older, .other = newer};
	struct side added = {.set = newer, .other = older, .is_added = true};
	enum trw_status st = side_compare(&removed, take, ctx, err);

	if (st == TRW_OK)
		st = side_compare(&added, take, ctx, err);
	*out = (struct trw_set_difference_counts){
		.n_same = removed.n_same,
		.n_removed = removed.n_only,
		.n_added = added.n_only,
		.n_removed_altered = removed.n_altered,
		.n_added_altered = added.n_altered,
	};
	return st;
}
