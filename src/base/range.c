/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sorted array. Damage comes nearly always in ascending order, so the common add looks only at the
 * end. The general add finds what the new range overlaps or touches, cuts that at the edges, takes the worse
 * reason piece by piece, joins equal neighbours, and puts the pieces in place of what was there.
 */
#include "base/range.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define RAW_MAX                                                                                    \
	(2 * TRW_RANGES_MAX + 1) /* one range in all gaps of a full list, before it is thinned */
#define THIN_ROOM                                                                                  \
	(TRW_RANGES_MAX / 16) /* what a thinning frees: the adds until the next pay for it */

void
trw_ranges_clear(struct trw_ranges *rs)
{
	free(rs->v);
	*rs = (struct trw_ranges){0};
}

size_t
trw_ranges_find(const struct trw_ranges *rs, uint64_t off)
{
	size_t lo = 0, hi = rs->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (rs->v[mid].off + rs->v[mid].len > off)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

enum trw_damage
trw_ranges_worst(const struct trw_ranges *rs)
{
	enum trw_damage worst = TRW_DAMAGE_NONE;

	for (size_t i = 0; i < rs->n; i++)
		if (rs->v[i].why > worst)
			worst = rs->v[i].why;
	return worst;
}

uint64_t
trw_ranges_total(const struct trw_ranges *rs, enum trw_damage why)
{
	uint64_t total = 0;

	for (size_t i = 0; i < rs->n; i++)
		if (rs->v[i].why == why)
			total += rs->v[i].len;
	return total;
}

/* Room for need ranges, which may be more than TRW_RANGES_MAX: thin() follows. */
static enum trw_status
reserve(struct trw_ranges *rs, size_t need, struct trw_err *err)
{
	while (rs->cap < need) {
		void *v = trw_grow(rs->v, rs->cap, &rs->cap, sizeof(*rs->v), RAW_MAX, err);
		if (v == NULL)
			return TRW_ENOMEM;
		rs->v = v;
	}
	return TRW_OK;
}

/* Append, joining with the end of the list where they touch and agree. */
static enum trw_status
append(struct trw_ranges *rs, struct trw_range r, struct trw_err *err)
{
	struct trw_range *last = rs->n > 0 ? &rs->v[rs->n - 1] : NULL;

	if (r.len == 0)
		return TRW_OK;
	if (last != NULL && last->off + last->len == r.off && last->why == r.why) {
		last->len += r.len;
		return TRW_OK;
	}
	if (reserve(rs, rs->n + 1, err) < 0)
		return TRW_ENOMEM;
	rs->v[rs->n++] = r;
	return TRW_OK;
}

/* The bits that the length of the gap between a and b behind it takes: 0 where they touch. */
static unsigned
gap_bits(const struct trw_range *a, const struct trw_range *b)
{
	uint64_t gap = b->off - (a->off + a->len);
	unsigned bits = 0;

	for (; gap > 0; gap >>= 1)
		bits++;
	return bits;
}

/* When there are too many: join, from the smallest gaps up, until the next adds have room. */
static void
thin(struct trw_ranges *rs)
{
	size_t counts[65] = {0}, excess, kept = 0;
	unsigned bits = 0; /* all gaps of fewer bits close, of those of this many the first ones */

	if (rs->n <= TRW_RANGES_MAX)
		return;
	excess = rs->n - (TRW_RANGES_MAX - THIN_ROOM);
	for (size_t i = 0; i + 1 < rs->n; i++)
		counts[gap_bits(&rs->v[i], &rs->v[i + 1])]++;
	for (; counts[bits] < excess; bits++)
		excess -= counts[bits];
	for (size_t i = 1; i < rs->n; i++) {
		struct trw_range r = rs->v[i], *last = &rs->v[kept];
		unsigned gap = gap_bits(last, &r);
		if (gap > bits || (gap == bits && excess == 0)) {
			rs->v[++kept] = r;
			continue;
		}
		if (gap == bits)
			excess--;
		last->len = r.off + r.len - last->off;
		if (r.why > last->why)
			last->why = r.why;
	}
	rs->n = kept + 1;
}

/* The pieces of old and of [off, end) that overlap or surround each other, in order, to out. */
static enum trw_status
merge_one(struct trw_ranges *out, struct trw_range old, uint64_t *off, uint64_t end,
	enum trw_damage why, struct trw_err *err)
{
	uint64_t old_end = old.off + old.len, a = *off, b;
	enum trw_status st = TRW_OK;

	if (a < old.off) { /* new only */
		b = end < old.off ? end : old.off;
		st = append(out, (struct trw_range){a, b - a, why}, err);
		a = b;
	} else if (old.off < a) { /* old only, before the new */
		b = old_end < a ? old_end : a;
		st = append(out, (struct trw_range){old.off, b - old.off, old.why}, err);
		old.off = b;
	}
	if (st == TRW_OK && a < end && a >= old.off && a < old_end) { /* both */
		b = end < old_end ? end : old_end;
		st = append(out, (struct trw_range){a, b - a, why > old.why ? why : old.why}, err);
		a = old.off = b;
	}
	if (st == TRW_OK && a >= end && old.off < old_end) /* old only, behind the new */
		st = append(out, (struct trw_range){old.off, old_end - old.off, old.why}, err);
	*off = a;
	return st;
}

/* Put in over the n ranges from at on. */
static enum trw_status
splice(struct trw_ranges *rs, size_t at, size_t n, const struct trw_ranges *in, struct trw_err *err)
{
	if (reserve(rs, rs->n - n + in->n, err) < 0)
		return TRW_ENOMEM;
	memmove(&rs->v[at + in->n], &rs->v[at + n], (rs->n - at - n) * sizeof(*rs->v));
	memcpy(&rs->v[at], in->v, in->n * sizeof(*rs->v));
	rs->n += in->n - n;
	return TRW_OK;
}

enum trw_status
trw_ranges_add(
	struct trw_ranges *rs, uint64_t off, uint64_t len, enum trw_damage why, struct trw_err *err)
{
	struct trw_ranges in = {0};
	enum trw_status st = TRW_OK;
	uint64_t end = off + len;
	size_t at, to;

	if (len > UINT64_MAX - off)
		return trw_fail(err, TRW_ECORRUPT, "range at %" PRIu64 " overflows", off);
	if (len == 0 || why == TRW_DAMAGE_NONE)
		return TRW_OK;
	if (rs->n == 0 || rs->v[rs->n - 1].off + rs->v[rs->n - 1].len <= off) {
		st = append(rs, (struct trw_range){off, len, why}, err);
		thin(rs);
		return st;
	}

	/* what it overlaps and what it touches */
	at = to = trw_ranges_find(rs, off > 0 ? off - 1 : 0);
	for (; to < rs->n && rs->v[to].off <= end && st == TRW_OK; to++)
		st = merge_one(&in, rs->v[to], &off, end, why, err);
	if (st == TRW_OK && off < end)
		st = append(&in, (struct trw_range){off, end - off, why}, err);
	if (st == TRW_OK)
		st = splice(rs, at, to - at, &in, err);
	trw_ranges_clear(&in);
	if (st == TRW_OK)
		thin(rs);
	return st;
}

enum trw_status
trw_ranges_add_part(struct trw_ranges *to, const struct trw_ranges *from, uint64_t off,
	uint64_t len, uint64_t at, struct trw_err *err)
{
	uint64_t end = len > UINT64_MAX - off ? UINT64_MAX : off + len;

	for (size_t i = trw_ranges_find(from, off); i < from->n && from->v[i].off < end; i++) {
		uint64_t a = from->v[i].off > off ? from->v[i].off : off;
		uint64_t b = from->v[i].off + from->v[i].len;
		enum trw_status st;

		if (b > end)
			b = end;
		st = trw_ranges_add(to, at + (a - off), b - a, from->v[i].why, err);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}
