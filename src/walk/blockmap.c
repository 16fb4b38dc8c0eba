/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pointer at level 0 maps one block; at level n it names a block of pointers of level n - 1, so it spans
 * (pointers in a block)^n blocks. A zero pointer is a hole of its whole span and costs nothing, however large
 * the span. Reference: McKusick et al., A Fast File System for UNIX, section 2; Linux fs/ext4/indirect.c.
 */
#include "walk/blockmap.h"

#include "base/alloc.h"
#include "base/bytes.h"

#include <stdlib.h>

#define N_DIRECT 12
#define LEVELS 3

struct walk {
	const struct trw_blockmap *map;
	const struct trw_view *bytes;
	struct trw_layout *l;
	uint8_t *blocks[LEVELS];   /* owned; one block of pointers for each level */
	uint64_t span[LEVELS + 1]; /* bytes that a pointer of each level maps */
};

static uint64_t
load(const struct trw_blockmap *map, const uint8_t *pointers, uint32_t i)
{
	const uint8_t *p = pointers + (size_t)i * map->pointer_size;

	if (map->pointer_size == 8)
		return map->is_big_endian ? trw_be64(p) : trw_le64(p);
	return map->is_big_endian ? trw_be32(p) : trw_le32(p);
}

/** Whether n units from pointer p lie in the file system. */
static bool
is_inside(const struct trw_blockmap *map, uint64_t p, uint64_t n)
{
	return p >= map->first && p < map->end && n <= map->end - p;
}

static enum trw_status
add_data(struct walk *w, uint64_t p, struct trw_err *err)
{
	const struct trw_blockmap *map = w->map;
	uint64_t len = w->l->size - w->l->extents.total;

	if (len > map->block_size)
		len = map->block_size;
	if (!is_inside(map, p, (len + map->unit - 1) / map->unit)) {
		w->l->notes |= TRW_LAYOUT_BAD_POINTER;
		return trw_layout_add(w->l, w->bytes, TRW_EXTENT_LOST, 0, len, err);
	}
	return trw_layout_add(w->l, w->bytes, TRW_EXTENT_DATA, p * map->unit, len, err);
}

/** Append what pointer p of the given level maps. Recursion is at most LEVELS deep. */
static enum trw_status
add_tree(struct walk *w, uint64_t p, unsigned level, struct trw_err *err)
{
	const struct trw_blockmap *map = w->map;
	uint32_t n = map->block_size / map->pointer_size;
	enum trw_status s = TRW_OK;
	uint8_t *block;

	if (p == 0)
		return trw_layout_add(w->l, w->bytes, TRW_EXTENT_HOLE, 0, w->span[level], err);
	if (level == 0)
		return add_data(w, p, err);
	if (!is_inside(map, p, map->block_size / map->unit)) {
		w->l->notes |= TRW_LAYOUT_BAD_POINTER;
		return trw_layout_add(w->l, w->bytes, TRW_EXTENT_LOST, 0, w->span[level], err);
	}
	block = w->blocks[level - 1];
	if (!trw_layout_read(w->l, w->bytes, p * map->unit, block, map->block_size))
		return trw_layout_add(w->l, w->bytes, TRW_EXTENT_LOST, 0, w->span[level], err);
	for (uint32_t i = 0; i < n && s == TRW_OK && w->l->extents.total < w->l->size; i++)
		s = add_tree(w, load(map, block, i), level - 1, err);
	return s;
}

enum trw_status
trw_blockmap_read(const struct trw_blockmap *map, const struct trw_view *bytes,
	const uint8_t *pointers, struct trw_layout *l, struct trw_err *err)
{
	struct walk w = {.map = map, .bytes = bytes, .l = l, .span = {map->block_size}};
	enum trw_status s = TRW_OK;

	for (unsigned i = 0; i < LEVELS; i++) {
		w.span[i + 1] = w.span[i] * (map->block_size / map->pointer_size);
		w.blocks[i] = trw_alloc(1, map->block_size, err);
		if (w.blocks[i] == NULL) {
			s = TRW_ENOMEM;
			goto out;
		}
	}
	for (uint32_t i = 0; i < TRW_BLOCKMAP_POINTERS && s == TRW_OK && l->extents.total < l->size;
		i++)
		s = add_tree(&w, load(map, pointers, i), i < N_DIRECT ? 0 : i - N_DIRECT + 1, err);
	if (s == TRW_OK && l->extents.total < l->size) {
		l->notes |= TRW_LAYOUT_BAD_NODE; /* larger than any block map can map */
		s = trw_layout_fill(l, TRW_EXTENT_LOST, l->size, err);
	}
out:
	for (unsigned i = 0; i < LEVELS; i++)
		free(w.blocks[i]);
	return s;
}
