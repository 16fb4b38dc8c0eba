/* SPDX-License-Identifier: Apache-2.0 */
/** The first inodes of an ext image of arbitrary bytes; the image may claim to be larger than it is. */
#include "walk/ext.h"

#include "volume.h"

#define BASE ((size_t)512)
#define N_INODES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The extents of each inode lie in the volume, and make up its size. */
static void
check(const struct trw_ext *fs, size_t size)
{
	struct trw_err err = {0};

	for (uint64_t inode = 0; inode < N_INODES; inode++) {
		struct trw_layout l = {0};

		if (trw_ext_content(fs, inode, &l, &err) == TRW_OK && l.kind != TRW_LAYOUT_NONE &&
			l.extents.total != l.size)
			__builtin_trap();
		for (size_t i = 0; i < l.extents.n; i++) {
			const struct trw_extent *x = &l.extents.v[i];
			if (x->kind == TRW_EXTENT_DATA &&
				(x->off < BASE || x->off + x->len > size + BASE))
				__builtin_trap();
		}
		trw_layout_clear(&l);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct volume v;
	struct trw_ext fs;
	struct trw_err err = {0};

	if (volume_open(&v, data, size, BASE) && trw_ext_open(&v.view, &fs, &err) == TRW_OK)
		check(&fs, size);
	volume_close(&v);
	return 0;
}
