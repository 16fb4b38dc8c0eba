/* SPDX-License-Identifier: Apache-2.0 */
/* The twin that tests read from: bytes in memory, damage as told. */
#include "image/memory.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct memory {                   /* immutable after open */
	const uint8_t *bytes;     /* borrowed */
	struct trw_ranges damage; /* owned */
};

static enum trw_status
memory_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct memory *m = ctx;
	struct trw_ranges here = {0};
	enum trw_status st = trw_ranges_add_part(&here, &m->damage, off, len, off, err);

	memcpy(buf, m->bytes + off, len);
	for (size_t i = 0; i < here.n; i++)
		memset(buf + (here.v[i].off - off), 0, (size_t)here.v[i].len);
	if (st == TRW_OK)
		st = trw_ranges_add_part(damage, &here, off, len, off, err);
	trw_ranges_clear(&here);
	return st;
}

static void
memory_close(void *ctx)
{
	struct memory *m = ctx;

	trw_ranges_clear(&m->damage);
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
	m->bytes = bytes;
	o->backend = (struct trw_backend){.read = memory_read, .close = memory_close, .ctx = m};
	if (damage != NULL)
		st = trw_ranges_add_part(&m->damage, damage, 0, size, 0, err);
	if (st == TRW_OK)
		st = trw_ranges_add_part(&o->known, &m->damage, 0, size, 0, err);
	o->about.info.format = TRW_IMAGE_MEMORY;
	o->about.info.format_name = "memory";
	o->about.info.size = size;
	return st;
}
