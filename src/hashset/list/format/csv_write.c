/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated text that carries all of an entry: a column for each kind of digest that the set
 * has, size, scheme, category, name, and one for each property. An entry can have a property
 * several times: the column is then there as often.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/csv.h"
#include "hashset/list/syntax/quoted.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 1024 /* different properties of a set */

struct column {
	const char *name; /* borrowed from the set */
	size_t name_len;
	uint64_t n; /* the most that one entry has of it */
};

struct csv {
	struct trw_export *x;
	struct trw_losses losses;
	struct column *v; /* owned; sorted by name */
	size_t n, cap;
};

static int
compare(const struct column *c, const struct trw_property *p)
{
	size_t n = c->name_len < p->name_len ? c->name_len : p->name_len;
	int order = memcmp(c->name, p->name, n);

	return order != 0 ? order : (c->name_len > p->name_len) - (c->name_len < p->name_len);
}

static bool
is_same(const struct trw_property *a, const struct trw_property *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

/* Read again, a column of this name would be something else than a property. */
static bool
is_reserved(const struct trw_property *p)
{
	return trw_csv_is_reserved(p->name, p->name_len);
}

/* Where the property's column is, or belongs. */
static size_t
find(const struct csv *w, const struct trw_property *p)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (compare(&w->v[mid], p) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum trw_status
note_column(struct csv *w, const struct trw_property *p, uint64_t n, struct trw_err *err)
{
	size_t at = find(w, p);
	struct column *v;

	if (at < w->n && compare(&w->v[at], p) == 0) {
		if (w->v[at].n < n)
			w->v[at].n = n;
		return TRW_OK;
	}
	v = trw_grow(w->v, w->n, &w->cap, sizeof(*v), COLUMNS_MAX, err);
	if (v == NULL)
		return trw_fail_in(err, "different properties of the set");
	w->v = v;
	memmove(v + at + 1, v + at, (w->n++ - at) * sizeof(*v));
	v[at] = (struct column){.name = p->name, .name_len = p->name_len, .n = n};
	return TRW_OK;
}

static enum trw_status
note_entry(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct csv *w = ctx;
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < e->n_properties && status == TRW_OK; i++) {
		uint64_t n = 1;
		if (is_reserved(&e->properties[i]))
			continue;
		for (size_t k = 0; k < i; k++)
			n += is_same(&e->properties[k], &e->properties[i]);
		status = note_column(w, &e->properties[i], n, err);
	}
	return status;
}

static void
put_head(struct csv *w)
{
	struct trw_put *out = w->x->out;
	uint32_t kinds = trw_set_info(w->x->set)->kinds;

	for (unsigned k = 0; k < TRW_HASH_N; k++)
		if ((kinds & TRW_HASH_BIT(k)) != 0)
			trw_put_text(out, "%s,", trw_hash_name((enum trw_hash_kind)k));
	trw_put_text(out, "size,scheme,category,name");
	for (size_t c = 0; c < w->n; c++)
		for (uint64_t i = 0; i < w->v[c].n; i++) {
			trw_put(out, ",", 1);
			trw_quoted_field(out, w->v[c].name, w->v[c].name_len);
		}
	trw_put(out, "\n", 1);
}

static void
put_digests(const struct csv *w, const struct trw_entry *e)
{
	uint32_t kinds = trw_set_info(w->x->set)->kinds;

	for (unsigned k = 0; k < TRW_HASH_N; k++) {
		if ((kinds & TRW_HASH_BIT(k)) == 0)
			continue;
		if ((e->kinds & TRW_HASH_BIT(k)) != 0)
			trw_put_hex(w->x->out, e->digest[k], trw_hash_size((enum trw_hash_kind)k),
				false);
		trw_put(w->x->out, ",", 1);
	}
}

/* All fields of one property: the entry's values, then nothing for the rest. */
static void
put_property(const struct csv *w, const struct column *c, const struct trw_entry *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < e->n_properties; i++) {
		if (compare(c, &e->properties[i]) != 0)
			continue;
		n++;
		trw_put(w->x->out, ",", 1);
		trw_quoted_field(w->x->out, e->properties[i].value, e->properties[i].value_len);
	}
	for (; n < c->n; n++)
		trw_put(w->x->out, ",", 1);
}

static enum trw_status
put_row(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct csv *w = ctx;
	struct trw_put *out = w->x->out;
	put_digests(w, e);

	(void)err;
	w->x->n_written++;
	for (size_t i = 0; i < e->n_properties; i++)
		w->losses.n_properties += is_reserved(&e->properties[i]);
	if (e->size != TRW_SIZE_ABSENT)
		trw_put_text(out, "%" PRIu64, e->size);
	trw_put(out, ",", 1);
	trw_quoted_field(out, e->scheme, e->scheme_len);
	trw_put(out, ",", 1);
	trw_quoted_field(out, e->category, e->category_len);
	trw_put(out, ",", 1);
	trw_quoted_field(out, e->name, e->name_len);
	for (size_t c = 0; c < w->n; c++)
		put_property(w, &w->v[c], e);
	trw_put(out, "\n", 1);
	return w->x->out->status;
}

enum trw_status
trw_csv_write(struct trw_export *x, struct trw_err *err)
{
	struct csv w = {.x = x};
	enum trw_status status = trw_rows_each(x->set, TRW_HASH_N, note_entry, &w, err);

	if (status == TRW_OK) {
		put_head(&w);
		status = trw_rows_each(x->set, TRW_HASH_N, put_row, &w, err);
	}
	if (status == TRW_OK)
		trw_losses_tell(&w.losses, "entries", x);
	free(w.v);
	return status;
}
