/* SPDX-License-Identifier: Apache-2.0 */
/* Read errors of a raw image, and block devices. */
#include "base/io.h"
#include "image/image.h"
#include "image/opening/source.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECTOR TRW_SOURCE_SECTOR
#define N_SECTORS 16
#define SIZE ((size_t)N_SECTORS * SECTOR)

static uint8_t bytes[SIZE];
static char path[64];

static struct trw_image *
open_image(const char *name)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};

	if (trw_image_open(&name, 1, NULL, &image, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return image;
}

/* Bytes in the damage are zero, all others are the file's. */
static void
expect_zero_in_damage_only(const uint8_t *buf, size_t off, size_t len, const struct trw_ranges *d)
{
	for (size_t i = 0; i < len; i++) {
		size_t r = trw_ranges_find(d, off + i);
		bool is_bad = r < d->n && d->v[r].off <= off + i;

		assert_int_equal(buf[i], is_bad ? 0 : bytes[off + i]);
	}
}

static void
any_single_failing_read_costs_at_most_one_sector(void **state)
{
	(void)state;

	for (uint64_t n = 1; n <= 12; n++) {
		struct trw_image *image = open_image(path);
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		uint8_t buf[SIZE];

		trw_pread_fail_at(n);
		for (size_t off = 0; off < SIZE; off += SECTOR)
			assert_int_equal(
				trw_image_read(image, off, buf + off, SECTOR, &damage, &err),
				TRW_OK);
		trw_pread_fail_at(0);
		assert_int_equal(damage.n, 1);
		assert_int_equal(damage.v[0].off, (n - 1) * SECTOR);
		assert_int_equal(damage.v[0].len, SECTOR);
		assert_int_equal(damage.v[0].why, TRW_DAMAGE_MISSING);
		expect_zero_in_damage_only(buf, 0, SIZE, &damage);
		trw_ranges_clear(&damage);

		/* What failed once is read again, and its damage stays on record. */
		assert_int_equal(trw_image_read(image, 0, buf, SIZE, &damage, &err), TRW_OK);
		assert_int_equal(damage.n, 0);
		assert_memory_equal(buf, bytes, SIZE);
		assert_int_equal(trw_image_damage(image, &damage, &err), TRW_OK);
		assert_int_equal(trw_ranges_total(&damage, TRW_DAMAGE_MISSING), SECTOR);
		trw_ranges_clear(&damage);
		trw_image_close(image);
	}
}

static void
long_read_that_fails_is_read_again_in_halves(void **state)
{
	struct trw_image *image = open_image(path);
	(void)state;

	for (size_t off = 0; off < 3 * SECTOR; off += 100) {
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		uint8_t buf[SIZE];

		trw_pread_fail_at(1);
		assert_int_equal(
			trw_image_read(image, off, buf, SIZE - off, &damage, &err), TRW_OK);
		assert_int_equal(damage.n, 0);
		assert_memory_equal(buf, bytes + off, SIZE - off);
	}
	trw_image_close(image);
}

static void
failing_read_while_opening_is_no_wrong_answer(void **state)
{
	(void)state;

	for (uint64_t n = 1; n <= 4; n++) {
		struct trw_image *image = NULL;
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		const char *p = path;
		uint8_t buf[SIZE];

		trw_pread_fail_at(n);
		assert_int_equal(trw_image_open(&p, 1, NULL, &image, &err), TRW_OK);
		trw_pread_fail_at(0);
		assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
		assert_int_equal(trw_image_read(image, 0, buf, SIZE, &damage, &err), TRW_OK);
		assert_memory_equal(buf, bytes, SIZE);
		trw_image_close(image);
	}
}

static void
file_that_shrinks_while_it_is_read_is_missing_behind_its_end(void **state)
{
	struct trw_image *image = open_image(path);
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t buf[SIZE];
	int fd;
	(void)state;

	assert_int_equal(truncate(path, 5 * SECTOR), 0);
	assert_int_equal(trw_image_read(image, 0, buf, SIZE, &damage, &err), TRW_OK);
	assert_int_equal(damage.n, 1);
	assert_int_equal(damage.v[0].off, 5 * SECTOR);
	assert_int_equal(damage.v[0].len, SIZE - 5 * SECTOR);
	expect_zero_in_damage_only(buf, 0, SIZE, &damage);
	trw_ranges_clear(&damage);
	trw_image_close(image);

	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, SIZE), (ssize_t)SIZE);
	assert_int_equal(close(fd), 0);
}

/* The loop device of path in device; false when this system gives none. */
static bool
attach(char *device, size_t cap)
{
	char command[128];
	FILE *f;
	bool ok;

	(void)snprintf(command, sizeof(command), "losetup -f --show -r %s 2>/dev/null", path);
	f = popen(command, "r");
	if (f == NULL)
		return false;
	ok = fgets(device, (int)cap, f) != NULL;
	device[strcspn(device, "\n")] = '\0';
	return pclose(f) == 0 && ok;
}

static void
block_device_has_the_size_that_the_kernel_tells(void **state)
{
	char device[64], command[128];
	struct trw_image *image;
	struct trw_err err = {0};
	uint8_t buf[SIZE];
	(void)state;

	if (!attach(device, sizeof(device))) {
		print_message(
			"SKIPPED: no loop device here (not root?); block devices not tested\n");
		skip();
	}
	image = open_image(device);
	(void)snprintf(command, sizeof(command), "losetup -d %s", device);
	assert_int_equal(system(command), 0); /* detached when the image closes */
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	assert_int_equal(trw_image_info(image)->size, SIZE);
	assert_int_equal(trw_image_read(image, 0, buf, SIZE, NULL, &err), TRW_OK);
	assert_memory_equal(buf, bytes, SIZE);
	trw_image_close(image);
}

static int
make_file(void **state)
{
	int fd;
	(void)state;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(1 + i / 7 % 255);
	(void)snprintf(path, sizeof(path), "/tmp/test_image_source.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, bytes, SIZE) != (ssize_t)SIZE)
		return -1;
	return close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_single_failing_read_costs_at_most_one_sector),
		cmocka_unit_test(long_read_that_fails_is_read_again_in_halves),
		cmocka_unit_test(failing_read_while_opening_is_no_wrong_answer),
		cmocka_unit_test(file_that_shrinks_while_it_is_read_is_missing_behind_its_end),
		cmocka_unit_test(block_device_has_the_size_that_the_kernel_tells),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
