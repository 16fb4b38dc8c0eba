/* SPDX-License-Identifier: Apache-2.0 */
#include "base/extent.h"

#include "base/alloc.h"

#include <stdlib.h>

void
trw_extents_clear(struct trw_extents *xs)
{
	free(xs->v);
	*xs = (struct trw_extents){0};
}

enum trw_status
trw_extents_add(struct trw_extents *xs, enum trw_extent_kind kind, uint64_t off, uint64_t len,
	struct trw_err *err)
{
	struct trw_extent *last = xs->n > 0 ? &xs->v[xs->n - 1] : NULL;

	if (kind != TRW_EXTENT_DATA)
		off = 0;
	if (off > INT64_MAX || len > INT64_MAX - off || len > INT64_MAX - xs->total)
		return trw_fail(err, TRW_ECORRUPT, "extent at %" PRIu64 " overflows", off);
	if (len == 0)
		return TRW_OK;
	if (last != NULL && last->kind == kind &&
		(kind != TRW_EXTENT_DATA || last->off + last->len == off)) {
		last->len += len;
	} else {
		void *v = trw_grow(xs->v, xs->n, &xs->cap, sizeof(*xs->v), TRW_EXTENTS_MAX, err);
		if (v == NULL)
			return err != NULL ? trw_fail_in(err, "extent list") : TRW_ENOMEM;
		xs->v = v;
		xs->v[xs->n++] = (struct trw_extent){.off = off, .len = len, .kind = kind};
	}
	xs->total += len;
	return TRW_OK;
}

void
trw_extents_cut(struct trw_extents *xs, uint64_t len)
{
	while (xs->total > len) {
		struct trw_extent *last = &xs->v[xs->n - 1];
		uint64_t surplus = xs->total - len;

		if (surplus < last->len) {
			last->len -= surplus;
			xs->total -= surplus;
		} else {
			xs->total -= last->len;
			xs->n--;
		}
	}
}
