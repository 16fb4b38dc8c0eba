/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a file is taken for: what it begins and ends with, and in which order the table is asked. */
#include "image/ewf/ewf.h"
#include "image/formats.h"

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

#define SIZE 8192

static char path[64];
static uint8_t bytes[SIZE];

/* The format of a file that holds the first n of bytes. parent may be NULL. */
static const struct trw_container_format *
format_of_n(size_t n, char *parent, size_t cap)
{
	const struct trw_container_format *f;
	struct trw_source src;
	struct trw_look look;
	struct trw_err err = {0};
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
	assert_int_equal(trw_source_open(path, &src, &err), TRW_OK);
	trw_look_take(&src, &look);
	f = trw_container_find(&look);
	if (parent != NULL)
		(void)snprintf(parent, cap, "%s", look.parent);
	trw_source_close(&src);
	return f;
}

static const struct trw_container_format *
format_of(const void *head, size_t n)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, head, n);
	return format_of_n(SIZE, NULL, 0);
}

#define FORMAT_OF(text) format_of((text), sizeof(text) - 1)

static void
a_magic_number_names_the_format_and_its_reader(void **state)
{
	(void)state;
	assert_ptr_equal(FORMAT_OF("EVF\x09\x0d\x0a\xff\x00")->open, trw_ewf_open);
	assert_ptr_equal(FORMAT_OF("EVF2\x0d\x0a\x81\x00")->open, trw_foreign_open);
	assert_int_equal(FORMAT_OF("EVF2\x0d\x0a\x81\x00")->naming, TRW_NAMES_EWF2);
	assert_int_equal(FORMAT_OF("AFF10\r\n\0")->format, TRW_IMAGE_AFF);
	assert_int_equal(FORMAT_OF("COWD")->format, TRW_IMAGE_VMDK);
	assert_int_equal(FORMAT_OF("# Disk DescriptorFile\n")->format, TRW_IMAGE_VMDK);
	assert_ptr_equal(FORMAT_OF("EVF\x09\x0d\x0a\xff\x01"), trw_container_raw());
	assert_ptr_equal(FORMAT_OF("# Disk"), trw_container_raw());
}

static void
a_known_format_without_a_reader_says_what_to_do(void **state)
{
	static const char *const heads[] = {"LVF\x09\x0d\x0a\xff", "LEF2\x0d\x0a\x81",
		"DVF\x09\x0d\x0a\xff", "QFI\xfb\0\0\0\1", "QFI\xfb\0\0\0\2", "vhdxfile"};
	static const char *const names[] = {"LVF", "LEF2", "DVF", "QCOW", "QCOW2", "VHDX"};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		const struct trw_container_format *f = format_of(heads[i], 8);

		assert_string_equal(f->name, names[i]);
		assert_int_equal(f->format, TRW_IMAGE_UNREADABLE);
		assert_null(f->open);
		assert_int_equal(f->refusal, TRW_REFUSAL_UNSUPPORTED);
		assert_non_null(f->advice);
	}
}

static void
an_empty_file_and_a_short_one_are_told_apart(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "KDM", 3);
	assert_string_equal(format_of_n(0, NULL, 0)->name, "empty");
	assert_int_equal(format_of_n(0, NULL, 0)->refusal, TRW_REFUSAL_UNREADABLE);
	assert_ptr_equal(format_of_n(3, NULL, 0), trw_container_raw());
}

static void
a_vmdk_that_names_a_parent_is_refused_with_its_name(void **state)
{
	static const char child[] = "# Disk DescriptorFile\nparentCID=12345678\n"
				    "parentFileNameHint=\"base disk.vmdk\"\n";
	static const char whole[] = "# Disk DescriptorFile\nparentCID=ffffffff\n";
	const struct trw_container_format *f;
	char parent[64];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, child, sizeof(child));
	f = format_of_n(SIZE, parent, sizeof(parent));
	assert_int_equal(f->refusal, TRW_REFUSAL_PARENT);
	assert_string_equal(f->name, "VMDK");
	assert_string_equal(parent, "base disk.vmdk");
	assert_int_equal(FORMAT_OF(whole)->format, TRW_IMAGE_VMDK);

	memset(bytes, 0, sizeof(bytes)); /* a sparse extent with the descriptor in sector 2 */
	memcpy(bytes, "KDMV", 4);
	bytes[28] = 2;
	memcpy(bytes + 1024, child, sizeof(child));
	assert_int_equal(format_of_n(SIZE, NULL, 0)->refusal, TRW_REFUSAL_PARENT);
	bytes[28] = 0;
	assert_int_equal(format_of_n(SIZE, NULL, 0)->format, TRW_IMAGE_VMDK);
}

/* Of a VHD whose footer is at the start, and a second header behind it. */
static void
put_vhd(uint8_t type)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "conectix", 8);
	bytes[22] = 2; /* header at 512 */
	bytes[63] = type;
	memcpy(bytes + 512, "cxsparse", 8);
	bytes[512 + 65] = 'p'; /* UTF-16BE */
	bytes[512 + 67] = 'q';
}

static void
vhd_kinds_are_told_by_their_header(void **state)
{
	const struct trw_container_format *f;
	char parent[64];

	(void)state;
	put_vhd(3);
	assert_int_equal(format_of_n(SIZE, NULL, 0)->format, TRW_IMAGE_VHD);
	put_vhd(4);
	f = format_of_n(SIZE, parent, sizeof(parent));
	assert_int_equal(f->refusal, TRW_REFUSAL_PARENT);
	assert_string_equal(parent, "pq");
	bytes[512] = 'x'; /* without its header it is only a sector that looks like a footer */
	assert_ptr_equal(format_of_n(SIZE, NULL, 0), trw_container_raw());
}

static void
a_trailer_counts_only_where_its_sizes_fit(void **state)
{
	uint8_t *koly = bytes + SIZE - 512;

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	memcpy(koly, "koly", 4);
	koly[10] = 2; /* 512 bytes of trailer */
	assert_string_equal(format_of_n(SIZE, NULL, 0)->name, "DMG");
	koly[216] = 1; /* a list past the end of the file */
	assert_ptr_equal(format_of_n(SIZE, NULL, 0), trw_container_raw());
	koly[216] = 0;
	memcpy(bytes, "PK\3\4", 4); /* the trailer is asked before the zip */
	assert_string_equal(format_of_n(SIZE, NULL, 0)->name, "DMG");
	koly[0] = 0;
	assert_ptr_equal(format_of_n(SIZE, NULL, 0), trw_container_raw());
	memcpy(bytes + 30, "container.description", 21);
	assert_string_equal(format_of_n(SIZE, NULL, 0)->name, "AFF4");
}

static int
make_file(void **state)
{
	int fd;
	(void)state;

	(void)snprintf(path, sizeof(path), "/tmp/test_image_formats.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
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
		cmocka_unit_test(a_magic_number_names_the_format_and_its_reader),
		cmocka_unit_test(a_known_format_without_a_reader_says_what_to_do),
		cmocka_unit_test(an_empty_file_and_a_short_one_are_told_apart),
		cmocka_unit_test(a_vmdk_that_names_a_parent_is_refused_with_its_name),
		cmocka_unit_test(vhd_kinds_are_told_by_their_header),
		cmocka_unit_test(a_trailer_counts_only_where_its_sizes_fit),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
