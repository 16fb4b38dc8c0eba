/* SPDX-License-Identifier: Apache-2.0 */
#include "image/memory.h"

#include "base/alloc.h"
#include "view/memory.h"

#include <stdlib.h>

struct memory {                      /* immutable after open */
	struct trw_view_bytes bytes; /* borrowed; the damage is owned */
	struct trw_view view;
};

static enum trw_status
memory_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct memory *m = ctx;

	return trw_view_read(&m->view, off, buf, len, damage, err);
}

static void
memory_close(void *ctx)
{
	struct memory *m = ctx;

	trw_ranges_clear(&m->bytes.damage);
	free(m);
}

enum trw_status
trw_memory_open(const uint8_t *bytes, size_t size, const struct trw_ranges *damage,
	struct trw_opening *o, struct trw_err *err)
{
	struct memory *m = trw_alloc(1, sizeof(*m), err);
	enum trw_status st = TRW_OK;

	if (m == NULL)
		return TRW_ENOMEM;
	m->bytes.v = bytes;
	m->view = trw_view_memory(&m->bytes, size);
	o->backend = (struct trw_backend){.read = memory_read, .close = memory_close, .ctx = m};
	if (damage != NULL)
		st = trw_ranges_add_part(&m->bytes.damage, damage, 0, size, 0, err);
	if (st == TRW_OK)
		st = trw_ranges_add_part(&o->known, &m->bytes.damage, 0, size, 0, err);
	o->about.info.format = TRW_IMAGE_MEMORY;
	o->about.info.format_name = "memory";
	o->about.info.size = size;
	return st;
}
