/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sorted array. Damage comes nearly always in ascending order, so the common add looks only at the
 * end. The general add rebuilds the overlapped part: cut what is there at the edges of the new range,
 * take the worse reason piece by piece, join equal neighbours.
 */
#include "base/range.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

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

/* Append to a list under construction, joining with its end where they touch and agree. */
static enum trw_status
append(struct trw_ranges *rs, struct trw_range r, struct trw_err *err)
{
	struct trw_range *last = rs->n > 0 ? &rs->v[rs->n - 1] : NULL;
	void *v;

	if (r.len == 0)
		return TRW_OK;
	if (last != NULL && last->off + last->len == r.off && last->why == r.why) {
		last->len += r.len;
		return TRW_OK;
	}
	if (last != NULL && rs->n >= TRW_RANGES_MAX) {
		last->len = r.off + r.len - last->off;
		if (r.why > last->why)
			last->why = r.why;
		return TRW_OK;
	}
	v = trw_grow(rs->v, rs->n, &rs->cap, sizeof(*rs->v), TRW_RANGES_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	rs->v = v;
	rs->v[rs->n++] = r;
	return TRW_OK;
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

enum trw_status
trw_ranges_add(
	struct trw_ranges *rs, uint64_t off, uint64_t len, enum trw_damage why, struct trw_err *err)
{
	struct trw_ranges out = {0};
	enum trw_status st = TRW_OK;
	uint64_t end = off + len;

	if (len > UINT64_MAX - off)
		return trw_fail(err, TRW_ECORRUPT, "range at %" PRIu64 " overflows", off);
	if (len == 0 || why == TRW_DAMAGE_NONE)
		return TRW_OK;
	if (rs->n == 0 || rs->v[rs->n - 1].off + rs->v[rs->n - 1].len <= off)
		return append(rs, (struct trw_range){off, len, why}, err);

	for (size_t i = 0; i < rs->n && st == TRW_OK; i++)
		st = merge_one(&out, rs->v[i], &off, end, why, err);
	if (st == TRW_OK && off < end)
		st = append(&out, (struct trw_range){off, end - off, why}, err);
	if (st != TRW_OK) {
		trw_ranges_clear(&out);
		return st;
	}
	trw_ranges_clear(rs);
	*rs = out;
	return TRW_OK;
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
