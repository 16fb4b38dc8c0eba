/* SPDX-License-Identifier: Apache-2.0 */
/** The first inodes of a UFS image of arbitrary bytes; the image may claim to be larger than it is. */
#include "walk/ufs.h"

#include <string.h>

#define N_INODES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *p;
	size_t n;
};

static bool
read_memory(void *ctx, uint64_t off, void *buf, size_t len)
{
	const struct memory *m = ctx;

	if (off > m->n || len > m->n - off)
		return false;
	memcpy(buf, m->p + off, len);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = {data, size};
	struct trw_fs_bytes bytes = {.read = read_memory, .ctx = &m, .base = 512, .size = size};
	struct trw_ufs fs;
	struct trw_err err = {0};

	if (trw_ufs_open(&bytes, &fs, &err) != TRW_OK)
		return 0;
	for (uint64_t inode = 0; inode < N_INODES; inode++) {
		struct trw_layout l = {0};

		if (trw_ufs_content(&fs, inode, &l, &err) == TRW_OK && l.kind != TRW_LAYOUT_NONE &&
			l.extents.total != l.size)
			__builtin_trap();
		for (size_t i = 0; i < l.extents.n; i++) {
			const struct trw_extent *x = &l.extents.v[i];
			if (x->kind == TRW_EXTENT_DATA &&
				(x->off < 512 || x->off + x->len > size + 512))
				__builtin_trap();
		}
		trw_layout_clear(&l);
	}
	return 0;
}
