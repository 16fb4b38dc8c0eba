/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One EWF segment of any bytes: opening and reading its first MiB and its end never fail but for memory, and
 * the two halves of a read give what the read gives.
 */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define READ_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_part(struct trw_image *image, uint64_t off, uint8_t *buf, size_t len)
{
	struct trw_ranges damage = {0};
	struct trw_err err = {0};

	if (trw_image_read(image, off, buf, len, &damage, &err) != TRW_OK &&
		err.status != TRW_ENOMEM)
		abort();
	trw_ranges_clear(&damage);
}

static bool
is_same(const struct trw_ranges *a, const struct trw_ranges *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].off != b->v[i].off || a->v[i].len != b->v[i].len ||
			a->v[i].why != b->v[i].why)
			return false;
	return true;
}

/* The whole chunks from off on, about READ_MAX bytes, both ways; a and b have room for READ_MAX. */
static void
compare_part(struct trw_image *image, uint64_t off, uint8_t *a, uint8_t *b)
{
	const struct trw_image_info *info = trw_image_info(image);
	uint32_t chunk = info->chunk_size == 0 ? 1 : info->chunk_size;
	uint64_t from = off / chunk * chunk, left = info->size - from;
	size_t len = left <= READ_MAX ? (size_t)left : READ_MAX / chunk * chunk;
	struct trw_image_span *span = NULL;
	struct trw_ranges of_a = {0}, of_b = {0};
	struct trw_err err = {0};

	trw_image_ahead(image, from, len);
	if (trw_image_span_new(&span, &err) == TRW_OK &&
		trw_image_fetch(image, from, len, a, span, &err) == TRW_OK &&
		trw_image_unpack(image, span, a, &of_a, &err) == TRW_OK &&
		trw_image_read(image, from, b, len, &of_b, &err) == TRW_OK &&
		(memcmp(a, b, len) != 0 || !is_same(&of_a, &of_b)))
		abort();
	if (err.status != TRW_OK && err.status != TRW_ENOMEM)
		abort();
	trw_image_span_free(span);
	trw_ranges_clear(&of_a);
	trw_ranges_clear(&of_b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	char path[64];
	const char *paths[] = {path};
	int fd = memfd_create("segment", MFD_CLOEXEC);
	uint8_t *buf = malloc(READ_MAX), *other = malloc(READ_MAX);

	if (fd < 0 || buf == NULL || other == NULL || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (trw_image_open(paths, 1, NULL, &image, &err) == TRW_OK) {
		uint64_t n = trw_image_info(image)->size;

		read_part(image, 0, buf, n < READ_MAX ? (size_t)n : READ_MAX);
		read_part(image, n > 4096 ? n - 4096 : 0, buf, 8192);
		compare_part(image, 0, buf, other);
		compare_part(image, n > READ_MAX / 2 ? n - READ_MAX / 2 : 0, buf, other);
	}
	trw_image_close(image);
	free(buf);
	free(other);
	(void)close(fd);
	return 0;
}
