/* SPDX-License-Identifier: Apache-2.0 */
/* VMDK and VHD disks, written here by hand, through the hook that the worker uses. */
#include "image/foreign/foreign.h"
#include "image/image.h"
#include "unit/fixture/folder.h"

#include <string.h>

#define SIZE ((size_t)1 << 20)

/* libtsk 4.11.1 leaks its libvmdk handle when an extent file is not there. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libvmdk\nleak:libtsk\n";
}

static uint8_t disk[SIZE + 512];

/* A descriptor of a flat disk in the file extent; parent is its parentCID. */
static void
write_descriptor(const char *name, const char *extent, const char *parent)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
		"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=%s\n"
		"createType=\"monolithicFlat\"\nparentFileNameHint=\"base.vmdk\"\n\n"
		"# Extent description\nRW %zu FLAT \"%s\" 0\n\n# The Disk Data Base\n#DDB\n\n"
		"ddb.virtualHWVersion = \"4\"\nddb.geometry.cylinders = \"2\"\n"
		"ddb.geometry.heads = \"16\"\nddb.geometry.sectors = \"63\"\n"
		"ddb.adapterType = \"ide\"\n",
		parent, SIZE / 512, extent);

	write_file(name, text, (size_t)n);
}

static struct trw_image *
open_image(const char *name)
{
	struct trw_image_options options = {.open_foreign = trw_foreign_hook};
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	char path[96];
	const char *p = path;

	path_of(name, path);
	if (trw_image_open(&p, 1, &options, &image, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return image;
}

static void
expect_disk(const char *name, const char *format)
{
	static uint8_t got[SIZE];
	struct trw_image *image = open_image(name);
	struct trw_ranges damage = {0};
	struct trw_err err = {0};

	assert_string_equal(trw_image_info(image)->format_name, format);
	assert_int_equal(trw_image_info(image)->size, SIZE);
	assert_int_equal(trw_image_info(image)->sector_size, 512);
	assert_int_equal(trw_image_info(image)->n_notes, 0);
	assert_int_equal(trw_image_read(image, 0, got, SIZE, &damage, &err), TRW_OK);
	assert_int_equal(damage.n, 0);
	assert_memory_equal(got, disk, SIZE);
	trw_image_close(image);
}

/* Unreadable, with a note of this code whose text names what is missing. */
static void
expect_refusal(const char *name, enum trw_code code, const char *says)
{
	struct trw_image *image = open_image(name);
	const struct trw_image_info *info = trw_image_info(image);

	assert_int_equal(info->format, TRW_IMAGE_UNREADABLE);
	assert_int_equal(info->size, 0);
	assert_true(info->is_damaged);
	assert_int_equal(info->n_notes, 1);
	assert_int_equal(info->notes[0].code, code);
	assert_non_null(strstr(info->notes[0].text, says));
	trw_image_close(image);
}

static void
vmdk_is_read_through_its_extent_file(void **state)
{
	(void)state;

	write_file("flat.bin", disk, SIZE);
	write_descriptor("d.vmdk", "flat.bin", "ffffffff");
	expect_disk("d.vmdk", "VMDK");
}

static void
vmdk_without_its_extent_file_is_unreadable_and_names_the_file(void **state)
{
	(void)state;

	write_descriptor("d.vmdk", "nowhere-flat.bin", "ffffffff");
	expect_refusal("d.vmdk", TRW_CODE_CONTAINER_UNREADABLE, "nowhere-flat.bin");
}

static void
vmdk_child_without_its_parent_is_unreadable_and_names_the_parent(void **state)
{
	uint8_t sparse[1024] = "KDMV\1";
	(void)state;

	write_file("flat.bin", disk, SIZE);
	write_descriptor("d.vmdk", "flat.bin", "0badcafe");
	expect_refusal("d.vmdk", TRW_CODE_PARENT_MISSING, "base.vmdk");

	sparse[28] = 1; /* the descriptor is in the second sector */
	(void)snprintf((char *)sparse + 512, 512,
		"# Disk DescriptorFile\nCID=1\nparentCID=2\nparentFileNameHint=\"up.vmdk\"\n");
	write_file("d.vmdk", sparse, sizeof(sparse));
	expect_refusal("d.vmdk", TRW_CODE_PARENT_MISSING, "up.vmdk");
}

static void
put_be(uint8_t *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

/* The footer of a fixed disk of SIZE bytes. */
static void
put_footer(uint8_t *p)
{
	uint32_t sum = 0;

	memset(p, 0, 512);
	memcpy(p, "conectix", 8);
	put_be(p + 8, 2, 4);
	put_be(p + 12, 0x10000, 4);
	put_be(p + 16, UINT64_MAX, 8);
	put_be(p + 40, SIZE, 8);
	put_be(p + 48, SIZE, 8);
	put_be(p + 60, 2, 4);
	for (size_t i = 0; i < 512; i++)
		sum += p[i];
	put_be(p + 64, ~sum, 4);
}

static void
fixed_vhd_is_its_disk_without_the_footer(void **state)
{
	(void)state;

	put_footer(disk + SIZE);
	write_file("d.vhd", disk, SIZE + 512);
	expect_disk("d.vhd", "VHD");
}

static void
disk_that_only_resembles_a_vhd_is_raw(void **state)
{
	struct trw_image *image;
	uint8_t *footer = disk + SIZE;
	(void)state;

	put_footer(footer);
	footer[64] ^= 1; /* the checksum */
	write_file("d.vhd", disk, SIZE + 512);
	image = open_image("d.vhd");
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	assert_int_equal(trw_image_info(image)->size, SIZE + 512);
	trw_image_close(image);

	put_footer(footer);
	memcpy(disk, footer, 512); /* a copy at the start, as a dynamic disk has, but no header */
	put_be(disk + 60, 3, 4);
	footer[64] ^= 1;
	write_file("d.vhd", disk, SIZE + 512);
	image = open_image("d.vhd");
	assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_RAW);
	trw_image_close(image);
}

static int
make_disk(void **state)
{
	for (size_t i = 0; i < SIZE; i++)
		disk[i] = (uint8_t)(i / 512 * 7 + i % 5);
	return make_folder(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmdk_is_read_through_its_extent_file),
		cmocka_unit_test(vmdk_without_its_extent_file_is_unreadable_and_names_the_file),
		cmocka_unit_test(vmdk_child_without_its_parent_is_unreadable_and_names_the_parent),
		cmocka_unit_test(fixed_vhd_is_its_disk_without_the_footer),
		cmocka_unit_test(disk_that_only_resembles_a_vhd_is_raw),
	};

	return cmocka_run_group_tests(tests, make_disk, remove_folder);
}
