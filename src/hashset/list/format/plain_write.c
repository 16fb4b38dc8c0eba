/* SPDX-License-Identifier: Apache-2.0 */
/** Plain lists: one digest a line, sorted, each once. */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"

#include <string.h>

struct plain {
	struct trw_export *x;
	enum trw_hash_kind kind;
	struct trw_losses losses;
	uint8_t last[TRW_HASH_SIZE_MAX]; /* the digest of the line before */
};

static enum trw_status
put_line(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct plain *w = ctx;
	const uint8_t *digest = e->digest[w->kind];
	size_t size = trw_hash_size(w->kind);
	bool is_again = w->x->n_written++ > 0 && memcmp(w->last, digest, size) == 0;

	(void)err;
	trw_losses_add(&w->losses, e, TRW_HASH_BIT(w->kind), 0);
	if (is_again)
		return TRW_OK;
	memcpy(w->last, digest, size);
	trw_put_hex(w->x->out, digest, size, false);
	trw_put(w->x->out, "\n", 1);
	return w->x->out->status;
}

enum trw_status
trw_plain_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	struct plain w = {.x = x};
	enum trw_status status = trw_export_kind(x, TRW_HASH_OF_FILES, &w.kind, err);

	if (status == TRW_OK)
		status = trw_rows_each(x->set, w.kind, put_line, &w, err);
	if (status < 0)
		return status;
	w.losses.n_without = info->n_entries - info->n_by_kind[w.kind];
	trw_losses_tell(&w.losses, trw_export_without(w.kind), x);
	return TRW_OK;
}
