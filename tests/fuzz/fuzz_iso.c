/* SPDX-License-Identifier: Apache-2.0 */
/** The directory trees of an ISO 9660 image of arbitrary bytes; the 32 KiB before them are left out. */
#include "walk/iso.h"

#include "volume.h"

#define SYSTEM_AREA ((size_t)16 * 2048)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct trw_iso_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct trw_layout *l = &files->v[i].layout;
		if (l->extents.total != l->size || files->v[i].why == 0 ||
			files->v[i].path[0] != '/')
			__builtin_trap();
	}
	for (size_t i = 0; i < files->n_sections; i++)
		if (files->sections[i].file >= files->n ||
			trw_iso_section_at(files, files->sections[i].record) == NULL)
			__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct volume v;
	struct trw_iso_files files = {0};
	struct trw_err err = {0};

	if (volume_open(&v, data, size, SYSTEM_AREA) &&
		trw_iso_multi_extents(&v.root, &files, &err) == TRW_OK)
		check(&files);
	trw_iso_files_clear(&files);
	volume_close(&v);
	return 0;
}
