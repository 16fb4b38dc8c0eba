/* SPDX-License-Identifier: Apache-2.0 */
/* One EWF segment of any bytes: opening and reading its first MiB and its end never fail but for memory. */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	char path[64];
	const char *paths[] = {path};
	int fd = memfd_create("segment", MFD_CLOEXEC);
	uint8_t *buf = malloc(READ_MAX);

	if (fd < 0 || buf == NULL || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (trw_image_open(paths, 1, NULL, &image, &err) == TRW_OK) {
		uint64_t n = trw_image_info(image)->size;

		read_part(image, 0, buf, n < READ_MAX ? (size_t)n : READ_MAX);
		read_part(image, n > 4096 ? n - 4096 : 0, buf, 8192);
	}
	trw_image_close(image);
	free(buf);
	(void)close(fd);
	return 0;
}
