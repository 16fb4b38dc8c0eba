/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/iso.h"

#include "view/linear.h"
#include "view/memory.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECTOR 2048
#define N_SECTORS 40
#define BASE 1000 /* image offset of the file system */
#define ROOT 18   /* sectors */
#define SUB 19

struct disc {
	uint8_t before[BASE];
	uint8_t v[N_SECTORS * SECTOR];
	struct trw_view_bytes stored; /* before and v */
	struct trw_view root;
	size_t root_end, sub_end; /* bytes of records so far */
};

static struct trw_view
volume(struct disc *d)
{
	d->stored.v = d->before;
	d->root = trw_view_memory(&d->stored, sizeof(d->before) + sizeof(d->v));
	return trw_view_linear(&d->root, BASE, TRW_VIEW_TO_END);
}

static void
put_both(uint8_t *p, uint32_t v)
{
	trw_put_le32(p, v);
	for (int i = 0; i < 4; i++)
		p[4 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *
put_record(
	uint8_t *p, uint32_t sector, uint32_t len, uint8_t flags, const char *name, size_t name_len)
{
	p[0] = (uint8_t)((33 + name_len + 1) & ~(size_t)1);
	put_both(p + 2, sector);
	put_both(p + 10, len);
	p[25] = flags;
	p[32] = (uint8_t)name_len;
	memcpy(p + 33, name, name_len);
	return p;
}

/** A record in the root directory, or in the directory SUB. */
static uint8_t *
add(struct disc *d, bool in_sub, uint32_t sector, uint32_t len, uint8_t flags, const char *name)
{
	size_t *end = in_sub ? &d->sub_end : &d->root_end;
	uint8_t *p = d->v + (size_t)(in_sub ? SUB : ROOT) * SECTOR + *end;

	put_record(p, sector, len, flags, name, strlen(name));
	*end += p[0];
	return p;
}

static int
setup(void **state)
{
	struct disc *d = calloc(1, sizeof(*d));
	uint8_t *vd;

	if (d == NULL)
		return -1;
	vd = d->v + (size_t)16 * SECTOR;
	memcpy(vd, "\1CD001\1", 7);
	vd[129] = 8; /* 2048, little-endian at 128 */
	put_record(vd + 156, ROOT, SECTOR, 2, "\0", 1);
	memcpy(vd + SECTOR,
		"\xff"
		"CD001\1",
		7);
	d->root_end = put_record(d->v + (size_t)ROOT * SECTOR, ROOT, SECTOR, 2, "\0", 1)[0];
	add(d, false, SUB, SECTOR, 2, "SUB");
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static void
list(struct disc *d, struct trw_iso_files *files)
{
	struct trw_view bytes = volume(d);
	struct trw_err err = {0};

	assert_int_equal(trw_iso_multi_extents(&bytes, files, &err), TRW_OK);
}

static void
plain_files_are_not_listed(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};

	add(d, false, 30, 100, 0, "PLAIN.TXT;1");
	add(d, false, 31, 0, 0, "EMPTY.TXT;1");
	list(d, &files);
	assert_int_equal(files.n, 0);
	assert_false(files.is_damaged);
	assert_false(files.is_capped);
	trw_iso_files_clear(&files);
}

static void
records_of_one_name_make_one_file_of_all_their_extents(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};
	const struct trw_layout *l;

	add(d, true, 30, SECTOR, 0x80, "BIG.BIN;1");
	add(d, true, 33, SECTOR, 0x80, "BIG.BIN;1");
	add(d, true, 35, 77, 0, "BIG.BIN;1");
	add(d, true, 36, 5, 0, "C.TXT;1");
	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.v[0].why, TRW_ISO_MULTI_EXTENT);
	assert_string_equal(files.v[0].path, "/SUB/BIG.BIN");
	l = &files.v[0].layout;
	assert_int_equal(l->size, 2 * SECTOR + 77);
	assert_int_equal(l->extents.n, 3);
	assert_int_equal(l->extents.v[1].off, BASE + 33 * SECTOR);
	assert_int_equal(l->extents.v[2].len, 77);
	assert_int_equal(l->notes, 0);
	trw_iso_files_clear(&files);
}

static void
record_is_told_from_others_by_its_own_place(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};
	const struct trw_iso_section *s;
	uint8_t *plain = add(d, false, 33, SECTOR, 0, "A.BIN;1");
	uint8_t *first = add(d, true, 30, SECTOR, 0x80, "BIG.BIN;1");
	uint8_t *later = add(d, true, 33, SECTOR, 0, "BIG.BIN;1");
	uint8_t *twin = add(d, true, 33, SECTOR, 0, "OTHER.BIN;1");

	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.n_sections, 2);
	s = trw_iso_section_at(&files, (uint64_t)(first - d->v));
	assert_non_null(s);
	assert_true(s->is_first);
	assert_int_equal(s->file, 0);
	s = trw_iso_section_at(&files, (uint64_t)(later - d->v));
	assert_non_null(s);
	assert_false(s->is_first);
	assert_null(trw_iso_section_at(&files, (uint64_t)(plain - d->v)));
	assert_null(trw_iso_section_at(&files, (uint64_t)(twin - d->v)));
	trw_iso_files_clear(&files);
}

static void
file_whose_last_record_promises_another_is_unended(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};

	add(d, false, 30, SECTOR, 0x80, "A.BIN;1");
	add(d, false, 33, 10, 0, "B.BIN;1");
	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.v[0].why, TRW_ISO_UNENDED);
	assert_int_equal(files.v[0].layout.size, SECTOR);
	trw_iso_files_clear(&files);
}

static void
interleaved_file_leaves_out_its_gaps(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};
	uint8_t *r = add(d, false, 30, 2 * SECTOR + 1, 0, "I.BIN;1");

	r[26] = 1;
	r[27] = 2;
	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.v[0].why, TRW_ISO_INTERLEAVED);
	assert_int_equal(files.v[0].layout.extents.n, 3);
	assert_int_equal(files.v[0].layout.extents.v[1].off, BASE + 33 * SECTOR);
	assert_int_equal(files.v[0].layout.extents.v[2].off, BASE + 36 * SECTOR);
	assert_int_equal(files.v[0].layout.extents.v[2].len, 1);
	trw_iso_files_clear(&files);
}

static void
halves_of_a_field_that_differ_are_reported(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};

	add(d, false, 30, 10, 0, "E.BIN;1")[17] ^= 1;
	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.v[0].why, TRW_ISO_ENDIANS);
	assert_int_equal(files.v[0].layout.size, 10);
	trw_iso_files_clear(&files);
}

static void
content_past_the_image_is_lost(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};

	add(d, false, 30, SECTOR, 0x80, "X.BIN;1");
	add(d, false, N_SECTORS - 1, 3 * SECTOR, 0, "X.BIN;1");
	list(d, &files);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.v[0].layout.extents.total, 4 * SECTOR);
	assert_int_equal(files.v[0].layout.extents.v[2].kind, TRW_EXTENT_LOST);
	assert_int_equal(files.v[0].layout.extents.v[2].len, 2 * SECTOR);
	assert_int_equal(files.v[0].layout.notes, TRW_LAYOUT_PAST_END);
	trw_iso_files_clear(&files);
}

static void
directory_cycle_ends_at_a_cap(void **state)
{
	struct disc *d = *state;
	struct trw_iso_files files = {0};

	add(d, true, ROOT, SECTOR, 2, "LOOP");
	list(d, &files);
	assert_true(files.is_capped);
	trw_iso_files_clear(&files);
}

static void
no_descriptor_is_corrupt(void **state)
{
	struct disc *d = *state;
	struct trw_view bytes = volume(d);
	struct trw_iso_files files = {0};
	struct trw_err err = {0};

	d->v[16 * SECTOR + 1] = 'X';
	assert_int_equal(trw_iso_multi_extents(&bytes, &files, &err), TRW_ECORRUPT);
	assert_int_equal(files.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain_files_are_not_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			records_of_one_name_make_one_file_of_all_their_extents, setup, teardown),
		cmocka_unit_test_setup_teardown(
			record_is_told_from_others_by_its_own_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
			file_whose_last_record_promises_another_is_unended, setup, teardown),
		cmocka_unit_test_setup_teardown(
			interleaved_file_leaves_out_its_gaps, setup, teardown),
		cmocka_unit_test_setup_teardown(
			halves_of_a_field_that_differ_are_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(content_past_the_image_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_cycle_ends_at_a_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(no_descriptor_is_corrupt, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
