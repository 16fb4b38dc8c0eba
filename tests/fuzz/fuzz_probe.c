/* SPDX-License-Identifier: Apache-2.0 */
/** The probe on a volume of arbitrary bytes. */
#include "walk/probe.h"

#include <string.h>

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
	struct trw_fs_bytes bytes = {.read = read_memory, .ctx = &m, .size = size};
	struct trw_probe out;

	trw_probe(&bytes, UINT64_MAX, &out);
	if (out.name == NULL || out.note == NULL || out.n_found > TRW_PROBE_FOUND_MAX)
		__builtin_trap();
	return 0;
}
