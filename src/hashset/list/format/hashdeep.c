/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "hashdeep": "%%%% HASHDEEP-1.0", then a line "%%%% size,md5,...,filename" that names the
 * columns, whose values have no quotes: the last takes the rest of the line. Lines that begin with
 * # or %%%% are no records.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define COLUMNS_MAX 16

struct reader {
	struct trw_list *list;
	struct trw_field names[COLUMNS_MAX]; /* of heading */
	size_t n;
	char heading[512];
};

/* "%%%% size,md5,sha256,filename" */
static enum trw_status
heading_take(struct reader *r, const char *line, size_t n, struct trw_err *err)
{
	trw_list_skip(r->list, 1);
	if (n < 10 || n - 5 >= sizeof(r->heading) || memcmp(line + 5, "size,", 5) != 0)
		return TRW_OK;
	memcpy(r->heading, line + 5, n - 5);
	r->n = trw_text_split(r->heading, n - 5, ',', r->names, COLUMNS_MAX);
	return r->n >= 3 && trw_field_is(&r->names[r->n - 1], "filename")
		       ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT,
				 "line %" PRIu64 ": columns that do not end in filename",
				 trw_input_line_number(r->list->input));
}

/* The other algorithms, as properties of their name. */
static void
other_take(struct reader *r, const struct trw_field *name, const struct trw_field *value)
{
	static const char *const others[] = {"tiger", "whirlpool", "sha3"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (trw_field_is(name, others[i])) {
			trw_draft_property(r->list->draft, others[i], value->p, value->n);
			return;
		}
	trw_list_leave(r->list, "hash values of kinds that sets do not hold", 1);
}

static void
values_take(struct reader *r, const struct trw_field *values)
{
	struct trw_draft *d = r->list->draft;

	for (size_t i = 1; !trw_draft_is_bad(d) && i + 1 < r->n; i++) {
		enum trw_hash_kind kind = trw_hash_named(r->names[i].p, r->names[i].n);
		if (values[i].n == 0)
			continue;
		if (kind == TRW_HASH_N)
			other_take(r, &r->names[i], &values[i]);
		else
			trw_draft_digest(d, kind, values[i].p, values[i].n);
	}
	trw_draft_need_digest(d);
	trw_draft_size(d, values[0].p, values[0].n);
	if (r->list->options->keep_names)
		trw_draft_name(d, values[r->n - 1].p, values[r->n - 1].n);
}

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_field values[COLUMNS_MAX];

	if (n >= 4 && memcmp(line, "%%%%", 4) == 0)
		return heading_take(r, line, n, err);
	if (r->n == 0)
		return trw_fail(err, TRW_ECORRUPT,
			"line %" PRIu64 ": no line has named the columns yet",
			trw_input_line_number(r->list->input));
	if (trw_text_split(line, n, ',', values, r->n) < r->n)
		return trw_text_reject(r->list, "fewer columns than the heading names", err);
	trw_draft_begin(r->list, err);
	values_take(r, values);
	return trw_text_give(r->list);
}

static enum trw_status
hashdeep_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_text_lines(l, '#', line_take, &r, err);
}

static enum trw_claim
hashdeep_probe(const struct trw_head *head)
{
	static const char magic[] = "%%%% HASHDEEP-1.";

	return head->n >= strlen(magic) && memcmp(head->p, magic, strlen(magic)) == 0
		       ? TRW_CLAIM_MAGIC
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_hashdeep = {
	.name = "hashdeep",
	.summary = "hashdeep 1.x",
	.probe = hashdeep_probe,
	.read = hashdeep_read,
	.write = trw_hashdeep_write,
};
