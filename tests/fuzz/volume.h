/* SPDX-License-Identifier: Apache-2.0 */
/** A fuzzer's bytes as a volume that does not begin where its root does; what comes before it cannot be read. */
#pragma once

#include "view/linear.h"
#include "view/memory.h"

#include <stdlib.h>
#include <string.h>

struct volume {
	uint8_t *disk; /* owned */
	struct trw_view_bytes stored;
	struct trw_view root, view;
};

/* False: out of memory. */
static inline bool
volume_open(struct volume *v, const uint8_t *data, size_t size, size_t before)
{
	struct trw_err err;

	*v = (struct volume){.disk = calloc(1, before + size + 1)};
	if (v->disk == NULL ||
		trw_ranges_add(&v->stored.damage, 0, before, TRW_DAMAGE_MISSING, &err) != TRW_OK)
		return false;
	if (size > 0)
		memcpy(v->disk + before, data, size);
	v->stored.v = v->disk;
	v->root = trw_view_memory(&v->stored, before + size);
	v->view = trw_view_linear(&v->root, before, TRW_VIEW_TO_END);
	return true;
}

static inline void
volume_close(struct volume *v)
{
	trw_ranges_clear(&v->stored.damage);
	free(v->disk);
}
