/* SPDX-License-Identifier: Apache-2.0 */
/** The directory trees of an ISO 9660 image of arbitrary bytes; the 32 KiB before them are left out. */
#include "walk/iso.h"

#include <string.h>

#define SYSTEM_AREA ((uint64_t)16 * 2048)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *p;
	size_t n;
};

static bool
read_memory(void *ctx, uint64_t off, void *buf, size_t len)
{
	const struct memory *m = ctx;

	if (off < SYSTEM_AREA)
		return false;
	off -= SYSTEM_AREA;
	if (off > m->n || len > m->n - off)
		return false;
	memcpy(buf, m->p + off, len);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = {data, size};
	struct trw_fs_bytes bytes = {.read = read_memory, .ctx = &m, .size = SYSTEM_AREA + size};
	struct trw_iso_files files = {0};
	struct trw_err err = {0};

	if (trw_iso_multi_extents(&bytes, &files, &err) != TRW_OK)
		return 0;
	for (size_t i = 0; i < files.n; i++) {
		const struct trw_layout *l = &files.v[i].layout;
		if (l->extents.total != l->size || files.v[i].why == 0 || files.v[i].path[0] != '/')
			__builtin_trap();
	}
	for (size_t i = 0; i < files.n_sections; i++)
		if (files.sections[i].file >= files.n ||
			trw_iso_section_at(&files, files.sections[i].record) == NULL)
			__builtin_trap();
	trw_iso_files_clear(&files);
	return 0;
}
