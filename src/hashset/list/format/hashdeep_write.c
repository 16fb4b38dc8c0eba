/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hashdeep's known-files format (FILEFORMAT of github.com/jessek/hashdeep). hashdeep 4.4 drops a
 * line that lacks one of the columns, and takes a file for a stranger when its size is not that of
 * the line. So entries without a size stay out, and the columns are those that leave out the fewest
 * entries; among equals the most columns.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"

#include <string.h>

#define MD5 TRW_HASH_BIT(TRW_HASH_MD5)
#define SHA1 TRW_HASH_BIT(TRW_HASH_SHA1)
#define SHA256 TRW_HASH_BIT(TRW_HASH_SHA256)
#define COLUMNS (MD5 | SHA1 | SHA256) /* that hashdeep computes */

struct hashdeep {
	struct trw_export *x;
	uint32_t kinds; /* columns */
	struct trw_losses losses;
};

/* Masks of kinds of the entries that could be lines, counted. */
static enum trw_status
count_masks(const struct trw_set *set, uint64_t n_with[COLUMNS + 1], struct trw_err *err)
{
	enum trw_status status;
	struct trw_rows rows;
	uint32_t row;

	trw_rows_start(&rows, set, TRW_HASH_N);
	while ((status = trw_rows_next(&rows, &row, err)) == TRW_OK)
		if (trw_set_row_size(set, row) != TRW_SIZE_ABSENT)
			n_with[trw_set_row_kinds(set, row) & COLUMNS]++;
	return status < 0 ? status : TRW_OK;
}

static enum trw_status
choose_columns(const struct trw_export *x, uint32_t *kinds, struct trw_err *err)
{
	/* Most columns first; of as many, those with the stronger digest. */
	static const uint32_t choices[] = {
		MD5 | SHA1 | SHA256, MD5 | SHA256, SHA1 | SHA256, MD5 | SHA1, SHA256, SHA1, MD5};
	uint64_t n_with[COLUMNS + 1] = {0}, best = 0;
	enum trw_status status = count_masks(x->set, n_with, err);

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		uint64_t n = 0;
		for (uint32_t mask = 0; mask <= COLUMNS; mask++)
			if ((mask & choices[i]) == choices[i])
				n += n_with[mask];
		if (n > best) {
			best = n;
			*kinds = choices[i];
		}
	}
	return status;
}

static void
put_head(struct hashdeep *w)
{
	trw_put_text(w->x->out, "%%%%%%%% HASHDEEP-1.0\n%%%%%%%% size%s%s%s,filename\n",
		(w->kinds & MD5) != 0 ? ",md5" : "", (w->kinds & SHA1) != 0 ? ",sha1" : "",
		(w->kinds & SHA256) != 0 ? ",sha256" : "");
}

static bool
has_line_end(const struct trw_entry *e)
{
	return e->name_len > 0 && (memchr(e->name, '\n', e->name_len) != NULL ||
					  memchr(e->name, '\r', e->name_len) != NULL ||
					  memchr(e->name, '\0', e->name_len) != NULL);
}

static enum trw_status
put_line(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	static const enum trw_hash_kind order[] = {TRW_HASH_MD5, TRW_HASH_SHA1, TRW_HASH_SHA256};
	struct hashdeep *w = ctx;
	struct trw_put *out = w->x->out;
	bool has_name = !has_line_end(e);

	(void)err;
	if (w->kinds == 0 || (e->kinds & w->kinds) != w->kinds || e->size == TRW_SIZE_ABSENT) {
		w->losses.n_without++;
		return TRW_OK;
	}
	w->x->n_written++;
	trw_losses_add(&w->losses, e, w->kinds,
		TRW_CARRIES_SIZE | (has_name ? (unsigned)TRW_CARRIES_NAME : 0));
	trw_put_text(out, "%" PRIu64 ",", e->size);
	for (size_t i = 0; i < 3; i++) {
		if ((w->kinds & TRW_HASH_BIT(order[i])) == 0)
			continue;
		trw_put_hex(out, e->digest[order[i]], trw_hash_size(order[i]), false);
		trw_put(out, ",", 1);
	}
	if (has_name)
		trw_put(out, e->name, e->name_len);
	trw_put(out, "\n", 1);
	return w->x->out->status;
}

enum trw_status
trw_hashdeep_write(struct trw_export *x, struct trw_err *err)
{
	struct hashdeep w = {.x = x};
	enum trw_hash_kind kind;
	enum trw_status status;

	if (x->kind == TRW_HASH_N) {
		status = choose_columns(x, &w.kinds, err);
	} else {
		status = trw_export_kind(x, COLUMNS, &kind, err);
		if (status == TRW_OK)
			w.kinds = TRW_HASH_BIT(kind);
	}
	if (status < 0)
		return status;
	put_head(&w);
	status = trw_rows_each(x->set, TRW_HASH_N, put_line, &w, err);
	if (status < 0)
		return status;
	trw_losses_tell(&w.losses, "entries without a size or a digest of the columns", x);
	return TRW_OK;
}
