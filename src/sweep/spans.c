/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/spans.h"

#include <stdio.h>

static uint64_t
min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The next part of a DATA extent: what is inside the image first, then what is not. */
static void
data_span(const struct trw_spans *l, const struct trw_extent *x, uint64_t len, struct trw_span *out)
{
	uint64_t off = x->off + l->used;

	if (off < l->image_size) {
		out->off = off;
		out->len = min64(len, l->image_size - off);
		return;
	}
	out->kind = TRW_SPAN_OUTSIDE;
	out->off = off + len;
}

bool
trw_spans_next(struct trw_spans *l, struct trw_span *out)
{
	static const enum trw_span_kind kinds[] = {
		[TRW_EXTENT_DATA] = TRW_SPAN_DATA,
		[TRW_EXTENT_HOLE] = TRW_SPAN_ZERO,
		[TRW_EXTENT_UNINIT] = TRW_SPAN_ZERO,
		[TRW_EXTENT_LOST] = TRW_SPAN_LOST,
	};
	uint64_t left = l->size - l->at;

	if (left == 0)
		return false;
	if (l->i == l->extents->n) {
		*out = (struct trw_span){TRW_SPAN_SHORT, 0, l->at, left};
		l->at = l->size;
		return true;
	}
	const struct trw_extent *x = &l->extents->v[l->i];
	uint64_t len = min64(left, x->len - l->used);
	*out = (struct trw_span){kinds[x->kind], 0, l->at, len};
	if (x->kind == TRW_EXTENT_DATA)
		data_span(l, x, len, out);
	l->at += out->len;
	l->used += out->len;
	if (l->used == x->len) {
		l->i++;
		l->used = 0;
	}
	return true;
}

void
trw_span_cause(const struct trw_span *span, uint64_t image_size, char *text, size_t n)
{
	switch (span->kind) {
	case TRW_SPAN_DATA:
	case TRW_SPAN_ZERO:
		text[0] = '\0';
		return;
	case TRW_SPAN_LOST:
		(void)snprintf(text, n, "the file system does not say where these bytes are");
		return;
	case TRW_SPAN_OUTSIDE:
		(void)snprintf(text, n,
			"image ends at byte %" PRIu64 ", the content goes on to byte %" PRIu64,
			image_size, span->off);
		return;
	case TRW_SPAN_SHORT:
		(void)snprintf(text, n, "the extents end before the content does");
		return;
	case TRW_SPAN_UNREAD:
		(void)snprintf(text, n, "the decoder gave fewer bytes than the size says");
		return;
	}
}

bool
trw_spans_are_sparse(const struct trw_extents *extents, uint64_t size)
{
	if (size == 0 || extents->total < size)
		return false;
	for (size_t i = 0; i < extents->n; i++)
		if (extents->v[i].kind != TRW_EXTENT_HOLE &&
			extents->v[i].kind != TRW_EXTENT_UNINIT)
			return false;
	return true;
}
