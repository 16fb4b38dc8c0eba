/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/diff.h"

#include "base/cancel.h"
#include "hashset/order.h"

#include <string.h>

enum likeness {
	UNLIKE,  /* no entry has just these digests */
	ALTERED, /* one has, with another category or size */
	SAME,
};

static bool
has_digests(const struct trw_entry *entry, const struct trw_entry *other)
{
	if (other->kinds != entry->kinds)
		return false;
	for (int k = 0; k < TRW_HASH_N; k++)
		if ((entry->kinds & TRW_HASH_BIT(k)) != 0 &&
			memcmp(other->digest[k], entry->digest[k],
				trw_hash_size((enum trw_hash_kind)k)) != 0)
			return false;
	return true;
}

/* The entry that is looked for, and where: positions of one kind, in the order of rows. */
struct sought {
	const struct trw_set *set;
	const struct trw_entry *entry;
	enum trw_hash_kind kind;
};

/* How the entry at a position is to the sought one; *order: below 0 when it comes before it. */
static enum trw_status
compare_at(const struct sought *s, uint32_t position, enum likeness *like, int *order,
	struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry other;
	enum trw_status st =
		trw_set_entry(s->set, trw_set_row(s->set, s->kind, position), &other, room, err);

	if (st < 0)
		return st;
	*order = trw_order_entries(&other, s->entry, trw_set_info(s->set)->primary);
	*like = *order == 0 ? SAME : has_digests(s->entry, &other) ? ALTERED : UNLIKE;
	return TRW_OK;
}

/*
 * Rows with the same digests lie side by side. A hostile list has a digest any number of times, so
 * that they cannot all be looked at for each entry: the search passes by what is most alike.
 */
static enum trw_status
entry_find(const struct trw_set *set, const struct trw_entry *entry, enum likeness *out,
	struct trw_err *err)
{
	struct sought s = {set, entry, (enum trw_hash_kind)__builtin_ctz(entry->kinds)};
	struct trw_set_found found;

	*out = UNLIKE;
	trw_set_lookup(set, s.kind, entry->digest[s.kind], 1, &found);
	for (uint32_t low = found.at, high = found.at + found.n; low < high;) {
		uint32_t mid = low + (high - low) / 2;
		enum likeness like;
		int order;
		enum trw_status st = compare_at(&s, mid, &like, &order, err);
		if (st < 0)
			return st;
		if (like > *out)
			*out = like;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
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
