/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Checksum files as GNU coreutils write them, sorted by digest: "HEX name"; a name with a backslash
 * or a line end is escaped and its line begins with a backslash; an entry without a name is the
 * digest alone.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"

#include <string.h>

struct sums {
	struct trw_export *x;
	enum trw_hash_kind kind;
	struct trw_losses losses;
};

static const char *
escape(char c)
{
	return c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : NULL;
}

static bool
wants_escapes(const struct trw_entry *e)
{
	for (size_t i = 0; i < e->name_len; i++)
		if (escape(e->name[i]) != NULL)
			return true;
	return false;
}

static void
put_name(struct trw_put *out, const struct trw_entry *e)
{
	trw_put(out, "  ", 2);
	size_t from = 0;

	for (size_t i = 0; i < e->name_len; i++) {
		const char *escaped = escape(e->name[i]);
		if (escaped == NULL)
			continue;
		trw_put(out, e->name + from, i - from);
		trw_put(out, escaped, 2);
		from = i + 1;
	}
	trw_put(out, e->name + from, e->name_len - from);
}

static enum trw_status
put_line(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct sums *w = ctx;
	struct trw_put *out = w->x->out;
	bool has_name = e->name_len > 0 && memchr(e->name, '\0', e->name_len) == NULL;

	(void)err;
	w->x->n_written++;
	trw_losses_add(&w->losses, e, TRW_HASH_BIT(w->kind), has_name ? TRW_CARRIES_NAME : 0);
	if (has_name && wants_escapes(e))
		trw_put(out, "\\", 1);
	trw_put_hex(out, e->digest[w->kind], trw_hash_size(w->kind), false);
	if (has_name)
		put_name(out, e);
	trw_put(out, "\n", 1);
	return w->x->out->status;
}

enum trw_status
trw_md5sum_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	struct sums w = {.x = x};
	enum trw_status status = trw_export_kind(x, TRW_HASH_OF_FILES, &w.kind, err);

	if (status == TRW_OK)
		status = trw_rows_each(x->set, w.kind, put_line, &w, err);
	if (status < 0)
		return status;
	w.losses.n_without = info->n_entries - info->n_by_kind[w.kind];
	trw_losses_tell(&w.losses, trw_export_without(w.kind), x);
	return TRW_OK;
}
