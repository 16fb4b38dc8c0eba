/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/ext.h"

#include "view/linear.h"
#include "view/memory.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK 1024
#define N_BLOCKS 128
#define SIZE ((size_t)N_BLOCKS * BLOCK)
#define BASE 4096 /* image offset of the file system */
#define TABLE 8   /* block of the inode table */
#define INODE_SIZE 256
#define INODE 12
#define INODE_OFF (TABLE * BLOCK + (INODE - 1) * INODE_SIZE)

#define REGULAR 0x8000
#define SYMLINK 0xa000
#define EXTENTS 0x80000
#define INLINE 0x10000000

static uint8_t disk[BASE + SIZE];
static uint8_t *const image = disk + BASE;
static uint8_t *const inode = disk + BASE + INODE_OFF;

static struct trw_view_bytes stored = {.v = disk};
static struct trw_view whole;

static struct trw_view
volume(void)
{
	whole = trw_view_memory(&stored, sizeof(disk));
	return trw_view_linear(&whole, BASE, TRW_VIEW_TO_END);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/** An empty file system of one group, and an inode of the given kind. */
static void
make(uint32_t mode, uint32_t flags, uint64_t size)
{
	uint8_t *sb = image + 1024;

	memset(image, 0, SIZE);
	trw_put_le32(sb, 32);
	trw_put_le32(sb + 0x04, N_BLOCKS);
	trw_put_le32(sb + 0x14, 1);
	trw_put_le32(sb + 0x20, 8192);
	trw_put_le32(sb + 0x28, 32);
	put16(sb + 0x38, 0xef53);
	trw_put_le32(sb + 0x4c, 1);
	put16(sb + 0x58, INODE_SIZE);
	trw_put_le32(sb + 0x60, 0x8042); /* file types, extents, inline data */
	trw_put_le32(image + 2 * BLOCK + 0x08, TABLE);
	put16(inode, mode);
	trw_put_le32(inode + 0x04, (uint32_t)size);
	trw_put_le32(inode + 0x20, flags);
	trw_put_le32(inode + 0x6c, (uint32_t)(size >> 32));
}

static void
put_node(uint8_t *node, uint32_t n, uint32_t depth)
{
	put16(node, 0xf30a);
	put16(node + 2, n);
	put16(node + 4, 4);
	put16(node + 6, depth);
}

static void
put_leaf(uint8_t *node, uint32_t i, uint32_t logical, uint32_t len, uint32_t block)
{
	uint8_t *e = node + 12 + 12 * i;

	trw_put_le32(e, logical);
	put16(e + 4, len);
	trw_put_le32(e + 8, block);
}

static void
put_index(uint8_t *node, uint32_t i, uint32_t logical, uint32_t block)
{
	trw_put_le32(node + 12 + 12 * i, logical);
	trw_put_le32(node + 12 + 12 * i + 4, block);
}

static enum trw_status
content(struct trw_layout *l)
{
	struct trw_view bytes = volume();
	struct trw_ext fs;
	struct trw_err err = {0};

	assert_int_equal(trw_ext_open(&bytes, &fs, &err), TRW_OK);
	return trw_ext_content(&fs, INODE, l, &err);
}

static void
assert_extent(
	const struct trw_layout *l, size_t i, enum trw_extent_kind kind, uint64_t off, uint64_t len)
{
	assert_true(i < l->extents.n);
	assert_int_equal(l->extents.v[i].kind, kind);
	assert_int_equal(l->extents.v[i].off, off);
	assert_int_equal(l->extents.v[i].len, len);
}

static void
extent_tree_gives_data_holes_and_uninitialised_runs(void **state)
{
	struct trw_layout l = {0};
	uint8_t *root = inode + 0x28;

	(void)state;
	make(REGULAR, EXTENTS, 9 * BLOCK + 5);
	put_node(root, 3, 0);
	put_leaf(root, 0, 0, 2, 40);
	put_leaf(root, 1, 4, 32768 + 3, 50);
	put_leaf(root, 2, 7, 1, 60);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.notes, 0);
	assert_int_equal(l.inode_flags, EXTENTS);
	assert_extent(&l, 0, TRW_EXTENT_DATA, BASE + 40 * BLOCK, 2 * BLOCK);
	assert_extent(&l, 1, TRW_EXTENT_HOLE, 0, 2 * BLOCK);
	assert_extent(&l, 2, TRW_EXTENT_UNINIT, 0, 3 * BLOCK);
	assert_extent(&l, 3, TRW_EXTENT_DATA, BASE + 60 * BLOCK, BLOCK);
	assert_extent(&l, 4, TRW_EXTENT_HOLE, 0, BLOCK + 5);
	assert_int_equal(l.extents.n, 5);
	trw_layout_clear(&l);
}

static void
bad_node_loses_its_own_range_only(void **state)
{
	struct trw_layout l = {0};
	uint8_t *root = inode + 0x28;

	(void)state;
	make(REGULAR, EXTENTS, 30 * BLOCK);
	put_node(root, 2, 1);
	put_index(root, 0, 0, 40);
	put_index(root, 1, 20, 41); /* block 41 is no node */
	put_node(image + 40 * BLOCK, 1, 0);
	put_leaf(image + 40 * BLOCK, 0, 0, 20, 50);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.notes, TRW_LAYOUT_BAD_NODE);
	assert_extent(&l, 0, TRW_EXTENT_DATA, BASE + 50 * BLOCK, 20 * BLOCK);
	assert_extent(&l, 1, TRW_EXTENT_LOST, 0, 10 * BLOCK);
	trw_layout_clear(&l);
}

static void
overlapping_or_circular_extents_are_lost(void **state)
{
	struct trw_layout l = {0};
	uint8_t *root = inode + 0x28;

	(void)state;
	make(REGULAR, EXTENTS, 8 * BLOCK);
	put_node(root, 2, 0);
	put_leaf(root, 0, 0, 4, 40);
	put_leaf(root, 1, 2, 4, 50);
	assert_int_equal(content(&l), TRW_OK);
	assert_extent(&l, 0, TRW_EXTENT_LOST, 0, 8 * BLOCK);
	trw_layout_clear(&l);

	put_node(root, 1, 5);
	put_index(root, 0, 0, 40);
	put_node(image + 40 * BLOCK, 1, 4);
	put_index(image + 40 * BLOCK, 0, 0, 40);
	assert_int_equal(content(&l), TRW_OK);
	assert_extent(&l, 0, TRW_EXTENT_LOST, 0, 8 * BLOCK);
	trw_layout_clear(&l);
}

static void
extent_outside_the_file_system_is_lost(void **state)
{
	struct trw_layout l = {0};
	uint8_t *root = inode + 0x28;

	(void)state;
	make(REGULAR, EXTENTS, 8 * BLOCK);
	put_node(root, 2, 0);
	put_leaf(root, 0, 0, 4, N_BLOCKS - 2);
	put_leaf(root, 1, 4, 4, 50);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.notes, TRW_LAYOUT_BAD_POINTER);
	assert_extent(&l, 0, TRW_EXTENT_LOST, 0, 4 * BLOCK);
	assert_extent(&l, 1, TRW_EXTENT_DATA, BASE + 50 * BLOCK, 4 * BLOCK);
	trw_layout_clear(&l);
}

static void
block_map_reaches_through_indirect_blocks(void **state)
{
	struct trw_layout l = {0};
	uint8_t *map = inode + 0x28;

	(void)state;
	make(REGULAR, 0, (12 + 256 + 3) * (uint64_t)BLOCK);
	trw_put_le32(map, 60);
	trw_put_le32(map + 48, 40);           /* single */
	trw_put_le32(image + 40 * BLOCK, 70); /* file block 12 */
	trw_put_le32(map + 52, 41);           /* double */
	trw_put_le32(image + 41 * BLOCK, 42);
	trw_put_le32(image + 42 * BLOCK + 4, 80); /* file block 269 */
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.notes, 0);
	assert_extent(&l, 0, TRW_EXTENT_DATA, BASE + 60 * BLOCK, BLOCK);
	assert_extent(&l, 1, TRW_EXTENT_HOLE, 0, 11 * BLOCK);
	assert_extent(&l, 2, TRW_EXTENT_DATA, BASE + 70 * BLOCK, BLOCK);
	assert_extent(&l, 3, TRW_EXTENT_HOLE, 0, 256 * BLOCK);
	assert_extent(&l, 4, TRW_EXTENT_DATA, BASE + 80 * BLOCK, BLOCK);
	assert_extent(&l, 5, TRW_EXTENT_HOLE, 0, BLOCK);
	assert_int_equal(l.extents.n, 6);
	trw_layout_clear(&l);
}

static void
indirect_block_that_names_itself_ends_in_lost_bytes(void **state)
{
	struct trw_layout l = {0};

	(void)state;
	make(REGULAR, 0, (uint64_t)1 << 34);
	trw_put_le32(inode + 0x28 + 56, 40);
	for (size_t i = 0; i < 256; i++)
		trw_put_le32(image + 40 * BLOCK + 4 * i, 40);
	assert_int_equal(content(&l), TRW_OK);
	assert_true(l.notes & TRW_LAYOUT_CAPPED);
	assert_int_equal(l.extents.total, l.size);
	trw_layout_clear(&l);
}

static void
huge_sparse_file_is_one_hole(void **state)
{
	struct trw_layout l = {0};

	(void)state;
	make(REGULAR, EXTENTS, (uint64_t)1 << 60);
	put_node(inode + 0x28, 0, 0);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.extents.n, 1);
	assert_extent(&l, 0, TRW_EXTENT_HOLE, 0, (uint64_t)1 << 60);
	trw_layout_clear(&l);
	make(REGULAR, EXTENTS, (uint64_t)1 << 63);
	assert_int_equal(content(&l), TRW_ECORRUPT);
}

static void
inline_data_past_60_bytes_come_from_the_attribute(void **state)
{
	struct trw_layout l = {0};
	uint8_t *first = inode + 128 + 32 + 4;

	(void)state;
	make(REGULAR, INLINE, 80);
	memset(inode + 0x28, 'a', 60);
	put16(inode + 0x80, 32);
	trw_put_le32(first - 4, 0xea020000);
	memcpy(first, "\4\7\x28\0\0\0\0\0\x14\0\0\0\0\0\0\0data", 20);
	memset(first + 40, 'b', 20);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.kind, TRW_LAYOUT_INLINE);
	assert_int_equal(l.notes, 0);
	assert_int_equal(l.bytes[59], 'a');
	assert_int_equal(l.bytes[60], 'b');
	assert_int_equal(l.bytes[79], 'b');
	assert_extent(&l, 0, TRW_EXTENT_DATA, BASE + INODE_OFF + 0x28, 60);
	assert_extent(&l, 1, TRW_EXTENT_DATA, BASE + INODE_OFF + 128 + 36 + 40, 20);
	trw_layout_clear(&l);

	trw_put_le32(first + 8, 5000);
	assert_int_equal(content(&l), TRW_ECORRUPT);
	trw_put_le32(first + 4, 20); /* the value lies in inode 20 */
	assert_int_equal(content(&l), TRW_EUNSUPPORTED);
}

static void
inline_data_shorter_than_the_size_end_in_zeros(void **state)
{
	struct trw_layout l = {0};

	(void)state;
	make(REGULAR, INLINE, 70);
	memset(inode + 0x28, 'a', 60);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.notes, TRW_LAYOUT_INLINE_SHORT);
	assert_int_equal(l.bytes[60], 0);
	assert_int_equal(l.extents.total, 70);
	trw_layout_clear(&l);
}

static void
fast_symlink_holds_its_target(void **state)
{
	struct trw_layout l = {0};

	(void)state;
	make(SYMLINK, 0, 6);
	memcpy(inode + 0x28, "target", 6);
	assert_int_equal(content(&l), TRW_OK);
	assert_int_equal(l.kind, TRW_LAYOUT_INLINE);
	assert_memory_equal(l.bytes, "target", 6);
	trw_layout_clear(&l);
}

static void
unknown_incompatible_feature_is_unsupported(void **state)
{
	struct trw_view bytes = volume();
	struct trw_ext fs;
	struct trw_err err = {0};

	(void)state;
	make(REGULAR, 0, 0);
	trw_put_le32(image + 1024 + 0x60, 0x80000000);
	assert_int_equal(trw_ext_open(&bytes, &fs, &err), TRW_EUNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extent_tree_gives_data_holes_and_uninitialised_runs),
		cmocka_unit_test(bad_node_loses_its_own_range_only),
		cmocka_unit_test(overlapping_or_circular_extents_are_lost),
		cmocka_unit_test(extent_outside_the_file_system_is_lost),
		cmocka_unit_test(block_map_reaches_through_indirect_blocks),
		cmocka_unit_test(indirect_block_that_names_itself_ends_in_lost_bytes),
		cmocka_unit_test(huge_sparse_file_is_one_hole),
		cmocka_unit_test(inline_data_past_60_bytes_come_from_the_attribute),
		cmocka_unit_test(inline_data_shorter_than_the_size_end_in_zeros),
		cmocka_unit_test(fast_symlink_holds_its_target),
		cmocka_unit_test(unknown_incompatible_feature_is_unsupported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
