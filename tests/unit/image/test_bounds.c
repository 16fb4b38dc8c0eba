/* SPDX-License-Identifier: Apache-2.0 */
/* EWF files that announce more than they hold: cut SMART segments, impossible sizes and counts. */
#include "base/buf.h"
#include "base/bytes.h"
#include "image/image.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECTOR 512
#define CHUNK 2048
#define N_CHUNKS 4
#define MEDIA ((size_t)N_CHUNKS * CHUNK)

static char path[64];

static void
put(struct trw_buf *b, const void *p, size_t n)
{
	struct trw_err err = {0};

	assert_int_equal(trw_buf_put(b, p, n, &err), TRW_OK);
}

static void
put_sum(struct trw_buf *b, size_t from)
{
	struct trw_err err = {0};

	assert_int_equal(
		trw_buf_u32(b, libdeflate_adler32(1, b->v + from, b->n - from), &err), TRW_OK);
}

static void
put_descriptor(struct trw_buf *b, const char *type, size_t n)
{
	uint8_t d[72] = {0};
	size_t at = b->n;

	memcpy(d, type, strlen(type));
	trw_put_le64(d + 16, strcmp(type, "done") == 0 ? at : at + 76 + n);
	trw_put_le64(d + 24, 76 + n);
	put(b, d, sizeof(d));
	put_sum(b, at);
}

static void
put_file_header(struct trw_buf *b)
{
	put(b, "EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00", 13);
}

static void
put_smart_volume(struct trw_buf *b)
{
	uint8_t v[90] = {1};
	size_t at;

	trw_put_le32(v + 4, N_CHUNKS);
	trw_put_le32(v + 8, CHUNK / SECTOR);
	trw_put_le32(v + 12, SECTOR);
	trw_put_le32(v + 16, MEDIA / SECTOR);
	memcpy(v + 85, "SMART", 5);
	put_descriptor(b, "volume", 94);
	at = b->n;
	put(b, v, sizeof(v));
	put_sum(b, at);
}

/* The header of a table that announces count entries. */
static void
put_table_header(struct trw_buf *b, uint32_t count, uint64_t base)
{
	uint8_t t[20] = {0};
	size_t at = b->n;

	trw_put_le32(t, count);
	trw_put_le64(t + 8, base);
	put(b, t, sizeof(t));
	put_sum(b, at);
}

/* One segment of SMART: a table with its chunks, plain, right behind it. */
static void
put_smart(struct trw_buf *b)
{
	uint8_t entries[N_CHUNKS * 4], chunk[CHUNK];

	put_file_header(b);
	put_smart_volume(b);
	put_descriptor(b, "table", 24 + sizeof(entries) + N_CHUNKS * (CHUNK + 4));
	put_table_header(b, N_CHUNKS, b->n + 24 + sizeof(entries));
	for (uint32_t i = 0; i < N_CHUNKS; i++)
		trw_put_le32(entries + (size_t)i * 4, i * (CHUNK + 4));
	put(b, entries, sizeof(entries));
	for (int i = 0; i < N_CHUNKS; i++) {
		size_t at = b->n;

		memset(chunk, i + 1, sizeof(chunk));
		put(b, chunk, sizeof(chunk));
		put_sum(b, at);
	}
	put_descriptor(b, "done", 0);
}

static void
put_e01_volume(struct trw_buf *b, uint32_t n_chunks, uint64_t n_sectors)
{
	uint8_t v[1048] = {1};
	size_t at;

	trw_put_le32(v + 4, n_chunks);
	trw_put_le32(v + 8, CHUNK / SECTOR);
	trw_put_le32(v + 12, SECTOR);
	trw_put_le64(v + 16, n_sectors);
	put_descriptor(b, "volume", 1052);
	at = b->n;
	put(b, v, sizeof(v));
	put_sum(b, at);
}

/* The first n bytes of b as a file, opened; b is then empty. */
static struct trw_image *
write_and_open(struct trw_buf *b, size_t n)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	const char *p = path;
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, b->v, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
	trw_buf_clear(b);
	if (trw_image_open(&p, 1, NULL, &image, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return image;
}

static void
chunks_of_a_cut_smart_file_are_missing_and_not_substituted(void **state)
{
	struct trw_buf b = {0};
	size_t full;
	(void)state;

	put_smart(&b);
	full = b.n;
	trw_buf_clear(&b);
	for (size_t cut = 0; cut < 2 * CHUNK; cut += 100) {
		struct trw_image *image;
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		uint8_t got[MEDIA];
		size_t lost = cut <= 76 ? 0 : (cut - 76 + CHUNK + 3) / (CHUNK + 4);

		put_smart(&b);
		image = write_and_open(&b, full - cut);
		assert_int_equal(trw_image_info(image)->format, TRW_IMAGE_SMART);
		assert_int_equal(trw_image_info(image)->is_damaged, lost > 0);
		assert_int_equal(trw_image_read(image, 0, got, MEDIA, &damage, &err), TRW_OK);
		assert_int_equal(trw_ranges_total(&damage, TRW_DAMAGE_MISSING), lost * CHUNK);
		assert_int_equal(trw_ranges_total(&damage, TRW_DAMAGE_SUBSTITUTED), 0);
		for (size_t i = 0; i < MEDIA; i++)
			assert_int_equal(
				got[i], i < MEDIA - lost * CHUNK ? (int)(i / CHUNK) + 1 : 0);
		trw_ranges_clear(&damage);
		trw_image_close(image);
	}
}

static void
impossible_media_size_is_unreadable_and_says_why(void **state)
{
	const struct trw_image_info *info;
	struct trw_buf b = {0};
	struct trw_image *image;
	(void)state;

	put_file_header(&b);
	put_e01_volume(&b, UINT32_MAX, UINT64_MAX / 2);
	put_descriptor(&b, "done", 0);
	image = write_and_open(&b, b.n);
	info = trw_image_info(image);
	assert_int_equal(info->format, TRW_IMAGE_UNREADABLE);
	assert_int_equal(info->size, 0);
	assert_int_equal(info->n_segments, 1);
	assert_non_null(
		strstr(info->notes[info->n_notes - 1].text, "announces 9223372036854775807"));
	trw_image_close(image);
}

static void
announced_counts_without_bytes_are_missing_ranges(void **state)
{
	struct trw_buf b = {0};
	struct trw_image *image;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	uint8_t got[CHUNK];
	(void)state;

	put_file_header(&b);
	put_e01_volume(&b, UINT32_MAX, (uint64_t)UINT32_MAX * (CHUNK / SECTOR));
	put_descriptor(&b, "sectors", 10);
	put(&b, "0123456789", 10);
	put_descriptor(&b, "table", 24);
	put_table_header(&b, 4000000, 0);
	put_descriptor(&b, "done", 0);
	image = write_and_open(&b, b.n);
	assert_int_equal(trw_image_info(image)->size, (uint64_t)UINT32_MAX * CHUNK);
	assert_true(trw_image_info(image)->is_damaged);
	assert_int_equal(
		trw_image_read(image, UINT64_C(1) << 40, got, CHUNK, &damage, &err), TRW_OK);
	assert_int_equal(trw_ranges_total(&damage, TRW_DAMAGE_MISSING), CHUNK);
	trw_ranges_clear(&damage);
	trw_image_close(image);
}

static int
make_file(void **state)
{
	int fd;
	(void)state;

	(void)snprintf(path, sizeof(path), "/tmp/test_image_bounds.XXXXXX");
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
		cmocka_unit_test(chunks_of_a_cut_smart_file_are_missing_and_not_substituted),
		cmocka_unit_test(impossible_media_size_is_unreadable_and_says_why),
		cmocka_unit_test(announced_counts_without_bytes_are_missing_ranges),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
