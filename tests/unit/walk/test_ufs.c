/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/ufs.h"

#include "view/linear.h"
#include "view/memory.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK 4096
#define FRAGMENT 1024
#define N_FRAGMENTS 256
#define SIZE ((size_t)N_FRAGMENTS * FRAGMENT)
#define BASE 512  /* image offset of the file system */
#define TABLE 128 /* fragment of the inode table: past both places of superblocks */
#define INODE 4

/** One version in one byte order: every test runs on all four. */
struct form {
	bool is_ufs2, is_big_endian;
	uint32_t super_off, inode_len, size_off, flags_off, map_off, pointer_size;
};

static const struct form forms[] = {
	{false, false, 8192, 128, 8, 100, 40, 4},
	{false, true, 8192, 128, 8, 100, 40, 4},
	{true, false, 65536, 256, 16, 88, 112, 8},
	{true, true, 65536, 256, 16, 88, 112, 8},
};

static uint8_t disk[BASE + SIZE];
static uint8_t *const image = disk + BASE;

static struct trw_view_bytes stored = {.v = disk};
static struct trw_view whole;

static struct trw_view
volume(void)
{
	whole = trw_view_memory(&stored, sizeof(disk));
	return trw_view_linear(&whole, BASE, TRW_VIEW_TO_END);
}

static void
put(const struct form *f, uint8_t *p, size_t len, uint64_t v)
{
	for (size_t i = 0; i < len; i++)
		p[f->is_big_endian ? len - 1 - i : i] = (uint8_t)(v >> (8 * i));
}

static uint8_t *
inode_at(const struct form *f)
{
	return image + (size_t)TABLE * FRAGMENT + (size_t)INODE * f->inode_len;
}

static void
put_pointer(const struct form *f, uint8_t *table, uint32_t i, uint64_t v)
{
	put(f, table + (size_t)i * f->pointer_size, f->pointer_size, v);
}

static void
make(const struct form *f, uint32_t mode, uint64_t size)
{
	uint8_t *sb = image + f->super_off;

	memset(image, 0, SIZE);
	put(f, sb + 16, 4, TABLE);
	put(f, sb + 36, 4, N_FRAGMENTS);
	put(f, sb + 44, 4, 1);
	put(f, sb + 48, 4, BLOCK);
	put(f, sb + 52, 4, FRAGMENT);
	put(f, sb + 184, 4, 32);
	put(f, sb + 188, 4, N_FRAGMENTS);
	put(f, sb + 1320, 4, f->is_ufs2 ? 120 : 60);
	if (f->is_ufs2) {
		put(f, sb + 1000, 8, f->super_off);
		put(f, sb + 1080, 8, N_FRAGMENTS);
	}
	put(f, sb + 1372, 4, f->is_ufs2 ? 0x19540119 : 0x011954);
	put(f, inode_at(f), 2, mode);
	put(f, inode_at(f) + f->size_off, 8, size);
}

static enum trw_status
content(struct trw_layout *l)
{
	struct trw_view bytes = volume();
	struct trw_ufs fs;
	struct trw_err err = {0};

	assert_int_equal(trw_ufs_open(&bytes, &fs, &err), TRW_OK);
	return trw_ufs_content(&fs, INODE, l, &err);
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
tail_needs_only_the_fragments_of_the_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct form *f = &forms[i];
		struct trw_layout l = {0};

		make(f, 0x8000, 2 * BLOCK + FRAGMENT + 1);
		put_pointer(f, inode_at(f) + f->map_off, 0, 160);
		put_pointer(f, inode_at(f) + f->map_off, 2,
			N_FRAGMENTS - 2); /* a whole block wouldn't fit */
		assert_int_equal(content(&l), TRW_OK);
		assert_int_equal(l.notes, 0);
		assert_extent(&l, 0, TRW_EXTENT_DATA, BASE + 160 * FRAGMENT, BLOCK);
		assert_extent(&l, 1, TRW_EXTENT_HOLE, 0, BLOCK);
		assert_extent(
			&l, 2, TRW_EXTENT_DATA, BASE + (N_FRAGMENTS - 2) * FRAGMENT, FRAGMENT + 1);
		trw_layout_clear(&l);
	}
}

static void
sparse_file_larger_than_its_file_system_keeps_its_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct form *f = &forms[i];
		uint32_t per_block = BLOCK / f->pointer_size;
		uint64_t size = (12 + per_block + 10) * (uint64_t)BLOCK;
		struct trw_layout l = {0};

		make(f, 0x8000, size);
		put_pointer(f, inode_at(f) + f->map_off, 13, 160);
		put_pointer(f, image + 160 * FRAGMENT, 0, 164);
		put_pointer(f, image + 164 * FRAGMENT, 9, 168);
		assert_int_equal(content(&l), TRW_OK);
		assert_extent(&l, 0, TRW_EXTENT_HOLE, 0, size - BLOCK);
		assert_extent(&l, 1, TRW_EXTENT_DATA, BASE + 168 * FRAGMENT, BLOCK);
		assert_int_equal(l.extents.total, size);
		trw_layout_clear(&l);
	}
}

static void
pointer_past_the_end_is_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct form *f = &forms[i];
		struct trw_layout l = {0};

		make(f, 0x8000, BLOCK);
		put_pointer(f, inode_at(f) + f->map_off, 0, N_FRAGMENTS - 1);
		assert_int_equal(content(&l), TRW_OK);
		assert_int_equal(l.notes, TRW_LAYOUT_BAD_POINTER);
		assert_extent(&l, 0, TRW_EXTENT_LOST, 0, BLOCK);
		trw_layout_clear(&l);
	}
}

static void
fast_symlink_holds_its_target(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct form *f = &forms[i];
		struct trw_layout l = {0};

		make(f, 0xa000, 6);
		memcpy(inode_at(f) + f->map_off, "target", 6);
		assert_int_equal(content(&l), TRW_OK);
		assert_int_equal(l.kind, TRW_LAYOUT_INLINE);
		assert_memory_equal(l.bytes, "target", 6);
		trw_layout_clear(&l);
	}
}

static void
snapshot_is_unsupported(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct form *f = &forms[i];
		struct trw_layout l = {0};

		make(f, 0x8000, BLOCK);
		put(f, inode_at(f) + f->flags_off, 4, 0x00200000);
		assert_int_equal(content(&l), TRW_EUNSUPPORTED);
	}
}

static void
superblock_copy_of_another_place_is_passed_over(void **state)
{
	struct trw_view bytes = volume();
	struct trw_ufs fs;
	struct trw_err err = {0};

	(void)state;
	make(&forms[2], 0x8000, 0);
	put(&forms[2], image + 65536 + 1000, 8, 262144);
	assert_int_equal(trw_ufs_open(&bytes, &fs, &err), TRW_ECORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tail_needs_only_the_fragments_of_the_size),
		cmocka_unit_test(sparse_file_larger_than_its_file_system_keeps_its_size),
		cmocka_unit_test(pointer_past_the_end_is_lost),
		cmocka_unit_test(fast_symlink_holds_its_target),
		cmocka_unit_test(snapshot_is_unsupported),
		cmocka_unit_test(superblock_copy_of_another_place_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
