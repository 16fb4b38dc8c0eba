/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "unit/image/ewf_fixture.h"

#include <pthread.h>

/* Reads everything; bytes outside the damage are the media's, those in it zero unless kept is true. */
static struct trw_ranges
read_all(struct trw_image *image, bool is_kept)
{
	static uint8_t got[N_CHUNKS * CHUNK];
	struct trw_ranges damage = {0};
	struct trw_err err = {0};

	assert_int_equal(trw_image_info(image)->size, MEDIA);
	assert_int_equal(trw_image_read(image, 0, got, MEDIA, &damage, &err), TRW_OK);
	for (size_t i = 0, r = 0; i < MEDIA; i++) {
		while (r < damage.n && damage.v[r].off + damage.v[r].len <= i)
			r++;
		if (!is_kept && r < damage.n && damage.v[r].off <= i)
			assert_int_equal(got[i], 0);
		else if (got[i] != media[i])
			fail_msg("byte %zu differs outside the damage", i);
	}
	return damage;
}

static void
expect_damage(struct trw_ranges *damage, uint64_t off, uint64_t len, enum trw_damage why)
{
	assert_int_equal(damage->n, 1);
	assert_int_equal(damage->v[0].off, off);
	assert_int_equal(damage->v[0].len, len);
	assert_int_equal(damage->v[0].why, why);
	trw_ranges_clear(damage);
}

static bool
has_note(const struct trw_image *image, enum trw_code code)
{
	const struct trw_image_info *info = trw_image_info(image);

	for (size_t i = 0; i < info->n_notes; i++)
		if (info->notes[i].code == code)
			return true;
	return false;
}

static void
whole_set_opens_from_its_first_or_its_middle_segment(void **state)
{
	struct set s = {0};
	(void)state;

	build(&s, 7);
	for (size_t given = 0; given < 2; given++) {
		struct trw_image *image = write_and_open(&s, given);
		struct trw_ranges damage = read_all(image, false);

		assert_int_equal(damage.n, 0);
		assert_int_equal(trw_image_info(image)->n_segments, N_SEGMENTS);
		assert_int_equal(trw_image_info(image)->n_notes, 0);
		assert_false(trw_image_info(image)->is_damaged);
		trw_image_close(image);
	}
	set_clear(&s);
}

static void
all_segments_in_any_order_and_a_stranger_beside_them_are_one_set(void **state)
{
	static const size_t orders[][N_SEGMENTS] = {{2, 0, 1}, {1, 2, 0}, {2, 1, 0}};
	struct set s = {0};
	char paths[N_SEGMENTS][96], stranger[96];
	(void)state;

	build(&s, 7);
	trw_image_close(write_and_open(&s, 0));
	path_of("case.txt", stranger);
	write_file("case.txt", "notes", 5);
	for (size_t k = 0; k < 3; k++) {
		const char *p[N_SEGMENTS] = {paths[0], paths[1], paths[2]};
		struct trw_image *image;
		struct trw_err err = {0};
		struct trw_ranges damage;

		for (size_t i = 0; i < N_SEGMENTS; i++)
			segment_path(orders[k][i], paths[i]);
		/* all are given; then only one of them is */
		for (size_t n = N_SEGMENTS; n > 0; n = n > 1 ? 1 : 0) {
			assert_int_equal(trw_image_open(p, n, NULL, &image, &err), TRW_OK);
			assert_int_equal(trw_image_info(image)->n_segments, N_SEGMENTS);
			assert_int_equal(trw_image_info(image)->n_notes, 0);
			damage = read_all(image, false);
			assert_int_equal(damage.n, 0);
			trw_image_close(image);
		}
	}
	assert_int_equal(unlink(stranger), 0);
	set_clear(&s);
}

static void
bad_chunk_is_zero_and_its_exact_range_is_substituted(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_ranges damage, again = {0};
	struct trw_err err = {0};
	(void)state;

	build(&s, 7);
	for (size_t chunk = 6; chunk < N_CHUNKS;
		chunk += 8) { /* 6 in the middle, 14 the short last */
		size_t end = chunk == N_CHUNKS - 1 ? MEDIA : (chunk + 1) * CHUNK;

		s.files[chunk / PER_SEGMENT].v[s.chunk_at[chunk] + 9] ^= 0x10;
		image = write_and_open(&s, 0);
		s.files[chunk / PER_SEGMENT].v[s.chunk_at[chunk] + 9] ^= 0x10;
		damage = read_all(image, false);
		expect_damage(&damage, chunk * CHUNK, end - chunk * CHUNK, TRW_DAMAGE_SUBSTITUTED);
		assert_int_equal(trw_image_damage(image, &again, &err), TRW_OK);
		expect_damage(&again, chunk * CHUNK, end - chunk * CHUNK, TRW_DAMAGE_SUBSTITUTED);
		trw_image_close(image);
	}
	set_clear(&s);
}

static void
missing_middle_segment_loses_only_its_own_chunks(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_ranges damage;
	(void)state;

	build(&s, 7);
	s.files[1].n = 0;
	image = write_and_open(&s, 0);
	damage = read_all(image, false);
	expect_damage(&damage, PER_SEGMENT * CHUNK, PER_SEGMENT * CHUNK, TRW_DAMAGE_MISSING);
	assert_true(has_note(image, TRW_CODE_SEGMENT_MISSING));
	assert_true(trw_image_info(image)->is_damaged);
	assert_true(trw_image_info(image)->segments[1].is_missing);
	trw_image_close(image);
	set_clear(&s);
}

static void
truncated_sectors_keep_the_chunks_whose_own_checksum_agrees(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_ranges damage;
	(void)state;

	build(&s, 7);
	s.files[2].n = s.chunk_at[12] + 5;
	image = write_and_open(&s, 0);
	damage = read_all(image, false);
	expect_damage(&damage, 12 * CHUNK, MEDIA - 12 * CHUNK, TRW_DAMAGE_MISSING);
	assert_true(has_note(image, TRW_CODE_IMAGE_TRUNCATED));
	trw_image_close(image);
	set_clear(&s);
}

static void
no_truncation_or_flip_gives_a_wrong_byte_outside_the_damage(void **state)
{
	struct set s = {0};
	size_t full;
	(void)state;

	build(&s, 7);
	full = s.files[2].n;
	for (s.files[2].n = 13; s.files[2].n < full; s.files[2].n += 97) {
		struct trw_image *image = write_and_open(&s, 0);
		struct trw_ranges damage = read_all(image, false);

		assert_true(trw_image_info(image)->n_notes > 0);
		assert_true(damage.n > 0 || s.files[2].n >= s.table_at[2]);
		trw_ranges_clear(&damage);
		trw_image_close(image);
	}
	s.files[2].n = full;
	for (size_t at = s.sectors_at[1]; at < s.files[1].n; at += 13) {
		struct trw_image *image;
		struct trw_ranges damage;

		s.files[1].v[at] ^= 0x41;
		image = write_and_open(&s, 0);
		damage = read_all(image, false);
		trw_ranges_clear(&damage);
		trw_image_close(image);
		s.files[1].v[at] ^= 0x41;
	}
	set_clear(&s);
}

static void
damaged_table_is_replaced_by_table2(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_ranges damage;
	(void)state;

	build(&s, 7);
	s.files[1].v[s.table_at[1] + 76 + 24 + 5] ^= 1;
	image = write_and_open(&s, 0);
	damage = read_all(image, false);
	assert_int_equal(damage.n, 0);
	assert_true(has_note(image, TRW_CODE_SECTION_CHECKSUM));
	trw_image_close(image);

	s.files[1].v[s.table2_at[1] + 76 + 24 + 5] ^= 1; /* both: chunk by chunk */
	image = write_and_open(&s, 0);
	damage = read_all(image, false);
	assert_int_equal(damage.n, 0);
	assert_true(has_note(image, TRW_CODE_TABLE_LOST));
	trw_image_close(image);
	set_clear(&s);
}

static void
acquisition_errors_are_substituted_and_their_bytes_are_kept(void **state)
{
	struct set s = {.has_errors = true};
	struct trw_image *image;
	struct trw_ranges damage;
	(void)state;

	build(&s, 7);
	image = write_and_open(&s, 0);
	assert_true(has_note(image, TRW_CODE_ACQUISITION_ERROR));
	damage = read_all(image, true);
	expect_damage(&damage, 10 * SECTOR, 3 * SECTOR, TRW_DAMAGE_SUBSTITUTED);
	trw_image_close(image);
	set_clear(&s);
}

static void
segment_of_another_set_is_named_and_not_used(void **state)
{
	struct set s = {0}, other = {0};
	struct trw_image *image;
	struct trw_ranges damage;
	struct trw_buf kept;
	(void)state;

	build(&s, 7);
	build(&other, 8);
	kept = s.files[1];
	s.files[1] = other.files[1];
	image = write_and_open(&s, 0);
	s.files[1] = kept;
	assert_true(has_note(image, TRW_CODE_SEGMENT_FOREIGN));
	damage = read_all(image, false);
	expect_damage(&damage, PER_SEGMENT * CHUNK, PER_SEGMENT * CHUNK, TRW_DAMAGE_MISSING);
	trw_image_close(image);
	set_clear(&s);
	set_clear(&other);
}

static void
files_of_two_sets_and_one_file_twice_are_wrong_use(void **state)
{
	struct set s = {0}, other = {0};
	struct trw_image *image;
	struct trw_err err = {0};
	char a[96], b[96];
	const char *two[] = {a, b}, *twice[] = {a, a};
	(void)state;

	build(&s, 7);
	build(&other, 8);
	trw_image_close(write_and_open(&s, 0));
	segment_path(0, a);
	path_of("other.E02", b);
	write_file("other.E02", other.files[1].v, other.files[1].n);
	assert_int_equal(trw_image_open(two, 2, NULL, &image, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_open(twice, 2, NULL, &image, &err), TRW_EUSAGE);
	assert_null(image);
	set_clear(&s);
	set_clear(&other);
}

struct reader {
	struct trw_image *image;
	unsigned seed;
	size_t n_wrong;
};

static void *
read_here_and_there(void *ctx)
{
	struct reader *r = ctx;
	uint8_t buf[3 * CHUNK];
	unsigned x = r->seed;

	for (int i = 0; i < 2000; i++) {
		struct trw_ranges damage = {0};
		size_t off, len;

		x = x * 1103515245U + 12345U;
		off = (x >> 8) % MEDIA;
		len = 1 + (x >> 4) % sizeof(buf);
		len = len < MEDIA - off ? len : MEDIA - off;
		if (trw_image_read(r->image, off, buf, len, &damage, NULL) != TRW_OK)
			r->n_wrong++;
		if (damage.n == 0 && memcmp(buf, media + off, len) != 0)
			r->n_wrong++;
		trw_ranges_clear(&damage);
	}
	return NULL;
}

static void
threads_read_the_same_bytes(void **state)
{
	struct set s = {0};
	struct reader readers[4];
	pthread_t threads[4];
	struct trw_image *image;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	(void)state;

	build(&s, 7);
	s.files[1].v[s.chunk_at[6] + 9] ^= 0x10;
	image = write_and_open(&s, 0);
	for (unsigned i = 0; i < 4; i++) {
		readers[i] = (struct reader){.image = image, .seed = i + 1};
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_here_and_there, &readers[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(readers[i].n_wrong, 0);
	}
	assert_int_equal(trw_image_damage(image, &damage, &err), TRW_OK);
	expect_damage(&damage, 6 * CHUNK, CHUNK, TRW_DAMAGE_SUBSTITUTED);
	trw_image_close(image);
	set_clear(&s);
}

static void
every_failing_allocation_ends_cleanly(void **state)
{
	struct set s = {.has_errors = true};
	struct trw_image *image;
	char path[96];
	const char *p = path;
	uint8_t buf[100];
	bool is_through = false;
	(void)state;

	build(&s, 7);
	s.files[1].n = 0;
	s.files[2].v[s.table_at[2] + 76 + 24 + 5] ^= 1;
	trw_image_close(write_and_open(&s, 0));
	segment_path(0, path);
	for (uint64_t n = 1; n < 1000 && !is_through; n++) {
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		enum trw_status st;

		trw_alloc_fail_at(n);
		st = trw_image_open(&p, 1, NULL, &image, &err);
		if (st == TRW_OK)
			st = trw_image_read(image, MEDIA / 2, buf, sizeof(buf), &damage, &err);
		is_through = st == TRW_OK;
		trw_alloc_fail_at(0);
		if (!is_through)
			assert_int_equal(st, TRW_ENOMEM);
		trw_ranges_clear(&damage);
		trw_image_close(image);
	}
	assert_true(is_through);
	set_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_set_opens_from_its_first_or_its_middle_segment),
		cmocka_unit_test(all_segments_in_any_order_and_a_stranger_beside_them_are_one_set),
		cmocka_unit_test(bad_chunk_is_zero_and_its_exact_range_is_substituted),
		cmocka_unit_test(missing_middle_segment_loses_only_its_own_chunks),
		cmocka_unit_test(truncated_sectors_keep_the_chunks_whose_own_checksum_agrees),
		cmocka_unit_test(no_truncation_or_flip_gives_a_wrong_byte_outside_the_damage),
		cmocka_unit_test(damaged_table_is_replaced_by_table2),
		cmocka_unit_test(acquisition_errors_are_substituted_and_their_bytes_are_kept),
		cmocka_unit_test(segment_of_another_set_is_named_and_not_used),
		cmocka_unit_test(files_of_two_sets_and_one_file_twice_are_wrong_use),
		cmocka_unit_test(threads_read_the_same_bytes),
		cmocka_unit_test(every_failing_allocation_ends_cleanly),
	};

	return cmocka_run_group_tests(tests, make_media, remove_folder);
}
