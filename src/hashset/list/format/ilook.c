/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "ilook": V1, V3, V4, values without quotes (read as by src/files.cpp of
 * github.com/jessek/hashdeep). Names may hold commas: the digests in front are counted from the
 * front, those behind the names from the end.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define COLUMNS_MAX 64

/* Columns from the front (1 is the first), or from the end (-1 is the last); 0: not there. */
struct layout {
	const char *start; /* of the first line */
	int md5, sha1, sha256, sha384, sha512, size, name, n;
};

static const struct layout layouts[] = {
	{"V1Hash,", 1, 0, 0, 0, 0, -1, 4, 6},
	{"V3Hash,", 1, 2, -3, -2, -1, -4, 3, 8},
	{"V4Hash,", 1, 2, -6, -5, -4, -7, 3, 11},
};

struct reader {
	struct trw_list *list;
	const struct layout *layout; /* NULL before the first line */
};

static const struct layout *
layout_find(const char *line, size_t n)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (n > 7 && memcmp(line, layouts[i].start, 7) == 0)
			return &layouts[i];
	return NULL;
}

static void
digest_take(
	struct reader *r, const struct trw_field *v, size_t n, int column, enum trw_hash_kind kind)
{
	const struct trw_field *f = column > 0 ? &v[column - 1] : &v[n - (size_t)-column];

	if (column != 0 && f->n > 0)
		trw_draft_digest(r->list->draft, kind, f->p, f->n);
}

static void
record_take(struct reader *r, const struct trw_field *v, size_t n)
{
	const struct layout *l = r->layout;
	const struct trw_field *size = &v[n - (size_t)-l->size];
	struct trw_draft *d = r->list->draft;
	/* V1 says in its second column what the first is. */
	enum trw_hash_kind first = TRW_HASH_MD5;

	if (l->sha1 == 0 && v[1].n > 0)
		first = trw_hash_named(v[1].p, v[1].n);
	if (first == TRW_HASH_N)
		trw_draft_refuse(d, "an algorithm that sets do not hold");
	digest_take(r, v, n, l->md5, first);
	digest_take(r, v, n, l->sha1, TRW_HASH_SHA1);
	digest_take(r, v, n, l->sha256, TRW_HASH_SHA256);
	digest_take(r, v, n, l->sha384, TRW_HASH_SHA384);
	digest_take(r, v, n, l->sha512, TRW_HASH_SHA512);
	trw_draft_need_digest(d);
	trw_draft_size(d, size->p, size->n);
	/* With a comma in a name nobody knows where it ends. */
	if (r->list->options->keep_names && n == (size_t)l->n)
		trw_draft_name(d, v[l->name - 1].p, v[l->name - 1].n);
}

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_field v[COLUMNS_MAX];
	size_t n_columns;

	if (r->layout == NULL) {
		r->layout = layout_find(line, n);
		trw_list_skip(r->list, 1);
		return r->layout != NULL
			       ? TRW_OK
			       : trw_fail(err, TRW_ECORRUPT,
					 "its first line is none of ILook's (V1Hash, V3Hash, V4Hash)");
	}
	n_columns = trw_text_split(line, n, ',', v, COLUMNS_MAX);
	if (n_columns < (size_t)r->layout->n)
		return trw_text_reject(r->list, "fewer columns than the first line names", err);
	trw_draft_begin(r->list, err);
	record_take(r, v, n_columns);
	return trw_text_give(r->list);
}

static enum trw_status
ilook_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_text_lines(l, '\0', line_take, &r, err);
}

static enum trw_claim
ilook_probe(const struct trw_head *head)
{
	return layout_find((const char *)head->p, head->n) != NULL ? TRW_CLAIM_HEADER
								   : TRW_CLAIM_NO;
}

const struct trw_format trw_format_ilook = {
	.name = "ilook",
	.summary = "ILook hash sets V1, V3, V4",
	.probe = ilook_probe,
	.read = ilook_read,
};
