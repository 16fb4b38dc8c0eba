/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/io.h"
#include "image/image.h"
#include "unit/fixture/folder.h"

#include <string.h>

#define SIZE 4096

static struct trw_image *
open_image(const char *name, const struct trw_image_options *options)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	char path[96];
	const char *p = path;

	path_of(name, path);
	if (trw_image_open(&p, 1, options, &image, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return image;
}

static void
fill(uint8_t *p, uint8_t v)
{
	memset(p, v, SIZE);
}

static void
gap_of_a_split_raw_set_is_missing_and_as_long_as_the_first_file(void **state)
{
	struct trw_image *image;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[3 * SIZE], bytes[SIZE];
	(void)state;

	fill(bytes, 1);
	write_file("d.001", bytes, SIZE);
	fill(bytes, 3);
	write_file("d.003", bytes, SIZE - 512);
	write_file("d.500", bytes, 9); /* somebody else's */
	image = open_image("d.003", NULL);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_SPLIT);
	assert_int_equal(trw_image_info(image)->size, 3 * SIZE - 512);
	assert_int_equal(trw_image_info(image)->n_segments, 3);
	assert_true(trw_image_info(image)->segments[1].is_missing);
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_SEGMENT_MISSING);
	assert_int_equal(trw_image_read(image, 0, buf, 3 * SIZE - 512, &damage, &err), TRW_OK);
	assert_int_equal(buf[SIZE - 1], 1);
	assert_int_equal(buf[SIZE], 0);
	assert_int_equal(buf[2 * SIZE], 3);
	assert_int_equal(damage.n, 1);
	assert_int_equal(damage.v[0].off, SIZE);
	assert_int_equal(damage.v[0].len, SIZE);
	assert_int_equal(damage.v[0].why, TRW_DAMAGE_MISSING);
	trw_ranges_clear(&damage);
	trw_image_close(image);
}

static void
short_file_in_the_middle_is_missing_at_its_end_and_nothing_behind_it_is_certain(void **state)
{
	struct trw_image *image;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[3 * SIZE], bytes[SIZE];
	(void)state;

	for (uint8_t i = 1; i <= 3; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "d.00%d", i);
		fill(bytes, i);
		write_file(name, bytes, i == 2 ? SIZE - 512 : SIZE);
	}
	image = open_image("d.001", NULL);
	assert_true(trw_image_info(image)->is_damaged);
	assert_int_equal(trw_image_info(image)->n_notes, 1);
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_IMAGE_TRUNCATED);
	assert_int_equal(trw_image_info(image)->size, 3 * SIZE);
	assert_int_equal(trw_image_read(image, 0, buf, 3 * SIZE, &damage, &err), TRW_OK);
	assert_int_equal(buf[2 * SIZE - 513], 2);
	assert_int_equal(buf[2 * SIZE - 512], 0);
	assert_int_equal(buf[2 * SIZE], 3);
	assert_int_equal(damage.n, 2);
	assert_int_equal(damage.v[0].off, 2 * SIZE - 512);
	assert_int_equal(damage.v[0].why, TRW_DAMAGE_MISSING);
	assert_int_equal(damage.v[1].off, 2 * SIZE);
	assert_int_equal(damage.v[1].len, SIZE);
	assert_int_equal(damage.v[1].why, TRW_DAMAGE_SUBSTITUTED);
	trw_ranges_clear(&damage);
	trw_image_close(image);
	for (int i = 2; i <= 3; i++) {
		char path[96];

		path_of(i == 2 ? "d.002" : "d.003", path);
		assert_int_equal(unlink(path), 0);
	}
}

static void
files_of_a_set_may_be_given_in_any_order(void **state)
{
	struct trw_image *image;
	struct trw_err err = {0};
	char a[96], b[96];
	const char *both[] = {b, a};
	uint8_t bytes[SIZE], buf[2];
	(void)state;

	fill(bytes, 1);
	write_file("d.001", bytes, SIZE);
	fill(bytes, 2);
	write_file("d.002", bytes, SIZE);
	path_of("d.001", a);
	path_of("d.002", b);
	assert_int_equal(trw_image_open(both, 2, NULL, &image, &err), TRW_OK);
	assert_int_equal(trw_image_read(image, SIZE - 1, buf, 2, NULL, &err), TRW_OK);
	assert_int_equal(buf[0], 1);
	assert_int_equal(buf[1], 2);
	trw_image_close(image);
	assert_int_equal(unlink(b), 0);
}

static void
lone_file_called_001_is_raw(void **state)
{
	struct trw_image *image;
	uint8_t bytes[SIZE] = {0};
	(void)state;

	write_file("lone.001", bytes, SIZE);
	image = open_image("lone.001", NULL);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	assert_int_equal(trw_image_info(image)->n_notes, 0);
	trw_image_close(image);
}

/* A footer of a fixed disk of `size` bytes, with a right checksum. */
static void
put_footer(uint8_t *p, uint32_t size)
{
	uint32_t sum = 0;

	memset(p, 0, 512);
	memcpy(p, "conectix", 8);
	p[63] = 2;
	for (int i = 0; i < 4; i++)
		p[52 + i] = (uint8_t)(size >> (24 - 8 * i));
	for (size_t i = 0; i < 512; i++)
		sum += p[i];
	for (int i = 0; i < 4; i++)
		p[64 + i] = (uint8_t)(~sum >> (24 - 8 * i));
}

static void
raw_image_whose_last_sector_looks_like_a_vhd_footer_is_raw(void **state)
{
	struct trw_image *image;
	uint8_t bytes[SIZE] = {0};
	(void)state;

	put_footer(bytes + SIZE - 512, SIZE); /* a VHD would hold SIZE - 512 bytes of disk */
	write_file("disk.vhd", bytes, SIZE);
	image = open_image("disk.vhd", NULL);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	assert_int_equal(trw_image_info(image)->size, SIZE);
	trw_image_close(image);

	put_footer(bytes + SIZE - 512, SIZE - 512);
	write_file("disk.vhd", bytes, SIZE);
	image = open_image("disk.vhd", NULL); /* a VHD, but nothing here reads it */
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_UNREADABLE);
	assert_string_equal(trw_image_info(image)->format_name, "VHD");
	trw_image_close(image);
}

static enum trw_status
failing_hook(void *ctx, enum trw_image_format format, const char *const *paths, size_t n,
	struct trw_opening *out, struct trw_err *err)
{
	(void)ctx, (void)paths, (void)out;
	assert_int_equal(format, TRW_IMAGE_VHD);
	assert_int_equal(n, 1);
	return trw_fail(err, TRW_EWORKER, "the worker died");
}

static void
failing_hook_makes_an_unreadable_image_with_its_text(void **state)
{
	struct trw_image_options options = {.open_foreign = failing_hook};
	struct trw_image *image;
	uint8_t bytes[SIZE] = {0};
	(void)state;

	put_footer(bytes + SIZE - 512, SIZE - 512);
	write_file("disk.vhd", bytes, SIZE);
	image = open_image("disk.vhd", &options);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_UNREADABLE);
	assert_int_equal(trw_image_info(image)->size, 0);
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_CONTAINER_UNREADABLE);
	assert_non_null(strstr(trw_image_info(image)->notes[0].text, "the worker died"));
	trw_image_close(image);
}

static void
unsupported_and_empty_containers_open_as_unreadable(void **state)
{
	struct trw_image *image;
	(void)state;

	write_file("q.qcow2", "QFI\xfb\0\0\0\3 and so on", 19);
	write_file("empty", "", 0);
	image = open_image("q.qcow2", NULL);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_UNREADABLE);
	assert_string_equal(trw_image_info(image)->format_name, "QCOW2");
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_CONTAINER_UNSUPPORTED);
	assert_non_null(strstr(trw_image_info(image)->notes[0].text, "qemu-img"));
	trw_image_close(image);
	image = open_image("empty", NULL);
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_CONTAINER_UNREADABLE);
	trw_image_close(image);
}

static void
raw_bytes_called_e01_are_raw_with_a_note(void **state)
{
	struct trw_image *image;
	uint8_t bytes[SIZE] = {0};
	(void)state;

	write_file("x.E01", bytes, SIZE);
	image = open_image("x.E01", NULL);
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	assert_int_equal(trw_image_info(image)->notes[0].code, TRW_CODE_CONTAINER_MISMATCH);
	trw_image_close(image);
}

static void
unreadable_sector_is_missing_and_its_neighbours_are_read(void **state)
{
	struct trw_image *image;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t bytes[SIZE], buf[512];
	(void)state;

	fill(bytes, 9);
	write_file("lone.001", bytes, SIZE);
	image = open_image("lone.001", NULL);
	trw_pread_fail_at(1);
	assert_int_equal(trw_image_read(image, 1024, buf, 512, &damage, &err), TRW_OK);
	assert_int_equal(buf[0], 0);
	assert_int_equal(damage.n, 1);
	assert_int_equal(damage.v[0].off, 1024);
	assert_int_equal(damage.v[0].len, 512);
	assert_int_equal(damage.v[0].why, TRW_DAMAGE_MISSING);
	trw_ranges_clear(&damage);
	trw_pread_fail_at(1); /* fails once: the halves are read again */
	assert_int_equal(trw_image_read(image, 0, bytes, SIZE, &damage, &err), TRW_OK);
	assert_int_equal(damage.n, 0);
	assert_int_equal(bytes[SIZE - 1], 9);
	trw_image_close(image);
}

static void
read_past_the_end_is_zero_and_missing(void **state)
{
	static const uint8_t bytes[4] = {1, 2, 3, 4};
	struct trw_ranges bad = {0}, damage = {0};
	struct trw_image *image;
	struct trw_err err = {0};
	uint8_t buf[4];
	(void)state;

	assert_int_equal(trw_ranges_add(&bad, 2, 1, TRW_DAMAGE_SUBSTITUTED, &err), TRW_OK);
	assert_int_equal(trw_image_open_memory(bytes, 4, &bad, &image, &err), TRW_OK);
	trw_ranges_clear(&bad);
	assert_int_equal(trw_image_read(image, 1, buf, 4, &damage, &err), TRW_OK);
	assert_memory_equal(buf, ((const uint8_t[]){2, 0, 4, 0}), 4);
	assert_int_equal(damage.n, 2);
	assert_int_equal(damage.v[0].off, 2);
	assert_int_equal(damage.v[1].off, 4);
	assert_int_equal(damage.v[1].why, TRW_DAMAGE_MISSING);
	trw_ranges_clear(&damage);
	trw_image_close(image);
}

static void
wrong_paths_are_wrong_use(void **state)
{
	struct trw_image *image;
	struct trw_err err = {0};
	const char *paths[] = {folder, "/nonexistent/file.E01"};
	(void)state;

	assert_int_equal(trw_image_open(&paths[0], 1, NULL, &image, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_open(&paths[1], 1, NULL, &image, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "/nonexistent/file.E01"));
	assert_null(image);
}

static void
every_failing_allocation_ends_cleanly(void **state)
{
	bool is_through = false;
	(void)state;

	for (uint64_t n = 1; n < 200 && !is_through; n++) {
		struct trw_image *image;
		char path[96];
		const char *p = path;
		enum trw_status st;

		path_of("d.001", path);
		trw_alloc_fail_at(n);
		st = trw_image_open(&p, 1, NULL, &image, NULL);
		trw_alloc_fail_at(0);
		is_through = st == TRW_OK;
		if (!is_through)
			assert_int_equal(st, TRW_ENOMEM);
		trw_image_close(image);
	}
	assert_true(is_through);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gap_of_a_split_raw_set_is_missing_and_as_long_as_the_first_file),
		cmocka_unit_test(
			short_file_in_the_middle_is_missing_at_its_end_and_nothing_behind_it_is_certain),
		cmocka_unit_test(files_of_a_set_may_be_given_in_any_order),
		cmocka_unit_test(lone_file_called_001_is_raw),
		cmocka_unit_test(raw_image_whose_last_sector_looks_like_a_vhd_footer_is_raw),
		cmocka_unit_test(failing_hook_makes_an_unreadable_image_with_its_text),
		cmocka_unit_test(unsupported_and_empty_containers_open_as_unreadable),
		cmocka_unit_test(raw_bytes_called_e01_are_raw_with_a_note),
		cmocka_unit_test(unreadable_sector_is_missing_and_its_neighbours_are_read),
		cmocka_unit_test(read_past_the_end_is_zero_and_missing),
		cmocka_unit_test(wrong_paths_are_wrong_use),
		cmocka_unit_test(every_failing_allocation_ends_cleanly),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
