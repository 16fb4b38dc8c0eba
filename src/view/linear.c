/* SPDX-License-Identifier: Apache-2.0 */
#include "view/linear.h"

/* base + off cannot pass 64 bits: the view ends where its parent does. */
static enum trw_status
linear_read(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_ranges met = {0};
	enum trw_status st = trw_view_read(view->parent, view->base + off, buf, len, &met, err);

	if (st == TRW_OK)
		st = trw_ranges_add_part(damage, &met, view->base + off, len, off, err);
	trw_ranges_clear(&met);
	return st;
}

static enum trw_status
linear_map(const struct trw_view *view, uint64_t off, uint64_t len, trw_view_take take, void *ctx,
	struct trw_err *err)
{
	struct trw_view_piece piece = {
		.off = off, .len = len, .parent_off = view->base + off, .parent_len = len};

	return take(ctx, &piece, err);
}

struct trw_view
trw_view_linear(const struct trw_view *parent, uint64_t off, uint64_t len)
{
	static const struct trw_view_kind linear = {.read = linear_read, .map = linear_map};
	uint64_t left = off < parent->size ? parent->size - off : 0;

	return (struct trw_view){
		.kind = &linear, .parent = parent, .size = len < left ? len : left, .base = off};
}
