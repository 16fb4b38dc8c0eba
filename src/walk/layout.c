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

bool
trw_fs_bytes_hold(const struct trw_fs_bytes *bytes, uint64_t off, uint64_t len)
{
	return off <= bytes->size && len <= bytes->size - off;
}

bool
trw_fs_bytes_read(const struct trw_fs_bytes *bytes, uint64_t off, void *buf, size_t len)
{
	return trw_fs_bytes_hold(bytes, off, len) && bytes->read(bytes->ctx, off, buf, len);
}

enum trw_status
trw_layout_begin(struct trw_layout *l, const struct trw_fs_bytes *bytes, uint64_t size,
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

enum trw_status
trw_layout_add(struct trw_layout *l, const struct trw_fs_bytes *bytes, enum trw_extent_kind kind,
	uint64_t off, uint64_t len, struct trw_err *err)
{
	uint64_t left = l->size - l->extents.total;
	uint64_t held;

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
	if (held > 0 && (bytes->base > INT64_MAX || off > INT64_MAX - bytes->base ||
				held > INT64_MAX - bytes->base - off)) {
		held = 0;
		l->notes |= TRW_LAYOUT_BAD_POINTER;
	}
	l->data_left -= held;
	if (held > 0) {
		enum trw_status s = append(l, TRW_EXTENT_DATA, bytes->base + off, held, err);
		if (s != TRW_OK)
			return s;
	}
	return append(l, TRW_EXTENT_LOST, 0, len - held, err);
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
	struct trw_layout *l, const struct trw_fs_bytes *bytes, uint64_t off, void *buf, size_t len)
{
	if (l->reads_left == 0) {
		l->notes |= TRW_LAYOUT_CAPPED;
		return false;
	}
	l->reads_left--;
	if (!trw_fs_bytes_read(bytes, off, buf, len)) {
		l->notes |= trw_fs_bytes_hold(bytes, off, len) ? TRW_LAYOUT_BAD_NODE
							       : TRW_LAYOUT_PAST_END;
		return false;
	}
	return true;
}
