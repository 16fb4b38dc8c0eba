/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/layout.h"

#include <stdlib.h>

void
trw_layout_clear(struct trw_layout *l)
{
	trw_extents_clear(&l->extents);
	free(l->bytes);
	*l = (struct trw_layout){0};
}

enum trw_status
trw_layout_begin(struct trw_layout *l, const struct trw_view *bytes, uint64_t size,
	uint32_t block_size, struct trw_err *err)
{
	if (size > INT64_MAX)
		return trw_fail(err, TRW_ECORRUPT, "file size %" PRIu64 " passes 63 bits", size);
	l->kind = TRW_LAYOUT_EXTENTS;
	l->size = size;
	l->reads_left = bytes->size / block_size + 1;
	if (l->reads_left > TRW_LAYOUT_READS_MAX)
		l->reads_left = TRW_LAYOUT_READS_MAX;
	l->data_left = bytes->size;
	return TRW_OK;
}

/** The list keeps room for one extent at its end: the lost rest. */
static enum trw_status
append(struct trw_layout *l, enum trw_extent_kind kind, uint64_t off, uint64_t len,
	struct trw_err *err)
{
	if (len > l->size - l->extents.total)
		len = l->size - l->extents.total;
	if (kind != TRW_EXTENT_LOST && l->extents.n >= TRW_EXTENTS_MAX - 1) {
		kind = TRW_EXTENT_LOST;
		l->notes |= TRW_LAYOUT_CAPPED;
	}
	return trw_extents_add(&l->extents, kind, off, len, err);
}

/* What is not the image's own bytes has no place that an extent can name: it is lost. */
static enum trw_status
append_piece(void *ctx, const struct trw_view_piece *piece, struct trw_err *err)
{
	struct trw_layout *l = ctx;
	bool is_there = piece->kind == TRW_PIECE_BYTES && piece->parent_off <= INT64_MAX &&
			piece->len <= INT64_MAX - piece->parent_off;

	if (is_there)
		return append(l, TRW_EXTENT_DATA, piece->parent_off, piece->len, err);
	l->notes |= TRW_LAYOUT_BAD_POINTER;
	return append(l, TRW_EXTENT_LOST, 0, piece->len, err);
}

enum trw_status
trw_layout_add(struct trw_layout *l, const struct trw_view *bytes, enum trw_extent_kind kind,
	uint64_t off, uint64_t len, struct trw_err *err)
{
	uint64_t left = l->size - l->extents.total;
	uint64_t held;
	enum trw_status s = TRW_OK;

	if (len > left)
		len = left;
	if (kind != TRW_EXTENT_DATA)
		return append(l, kind, 0, len, err);

	held = off < bytes->size ? bytes->size - off : 0;
	if (held > len)
		held = len;
	if (held < len)
		l->notes |= TRW_LAYOUT_PAST_END;
	if (held > l->data_left) {
		held = l->data_left;
		l->notes |= TRW_LAYOUT_CAPPED;
	}
	l->data_left -= held;
	if (held > 0)
		s = trw_view_push(bytes, off, held, append_piece, l, err);
	return s == TRW_OK ? append(l, TRW_EXTENT_LOST, 0, len - held, err) : s;
}

enum trw_status
trw_layout_fill(struct trw_layout *l, enum trw_extent_kind kind, uint64_t to, struct trw_err *err)
{
	if (to <= l->extents.total)
		return TRW_OK;
	return append(l, kind, 0, to - l->extents.total, err);
}

bool
trw_layout_read(
	struct trw_layout *l, const struct trw_view *bytes, uint64_t off, void *buf, size_t len)
{
	if (l->reads_left == 0) {
		l->notes |= TRW_LAYOUT_CAPPED;
		return false;
	}
	l->reads_left--;
	if (!trw_view_read_sound(bytes, off, buf, len)) {
		l->notes |=
			trw_view_holds(bytes, off, len) ? TRW_LAYOUT_BAD_NODE : TRW_LAYOUT_PAST_END;
		return false;
	}
	return true;
}
