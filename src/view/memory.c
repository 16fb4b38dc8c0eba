/* SPDX-License-Identifier: Apache-2.0 */
#include "view/memory.h"

#include <string.h>

static enum trw_status
memory_read(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	const struct trw_view_bytes *bytes = view->ctx;
	struct trw_ranges here = {0};
	enum trw_status st = trw_ranges_add_part(&here, &bytes->damage, off, len, off, err);

	memcpy(buf, bytes->v + off, len);
	for (size_t i = 0; i < here.n; i++)
		memset((uint8_t *)buf + (here.v[i].off - off), 0, (size_t)here.v[i].len);
	if (st == TRW_OK)
		st = trw_ranges_add_part(damage, &here, off, len, off, err);
	trw_ranges_clear(&here);
	return st;
}

struct trw_view
trw_view_memory(struct trw_view_bytes *bytes, uint64_t size)
{
	static const struct trw_view_kind memory = {.read = memory_read};

	return (struct trw_view){.kind = &memory, .size = size, .ctx = bytes};
}
