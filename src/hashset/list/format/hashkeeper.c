/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "hashkeeper": the .hsh files of HashKeeper; the .hke beside one tells of the set and has
 * no hashes.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/csv.h"

#include <string.h>

struct reader {
	struct trw_list *list;
	size_t hash, name, size;
};

static enum trw_status
row_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_field hash = trw_csv_field(csv, r->hash);
	struct trw_field name = trw_csv_field(csv, r->name);
	struct trw_field size = trw_csv_field(csv, r->size);
	struct trw_draft *d = trw_draft_begin(r->list, err);

	trw_draft_digest(d, TRW_HASH_MD5, hash.p, hash.n);
	trw_draft_size(d, size.p, size.n);
	if (r->list->options->keep_names)
		trw_draft_name(d, name.p, name.n);
	return trw_draft_give(d, "line", csv->line);
}

static enum trw_status
header_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;

	r->hash = trw_csv_column(csv, "hash");
	r->name = trw_csv_column(csv, "file_name");
	r->size = trw_csv_column(csv, "file_size");
	return r->hash != TRW_CSV_NONE
		       ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT,
				 "its first line has no column hash: no HashKeeper file");
}

static enum trw_status
hashkeeper_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_csv_read(l, ',', header_take, row_take, &r, err);
}

static bool
begins(const struct trw_head *head, const char *text)
{
	return head->n >= strlen(text) && memcmp(head->p, text, strlen(text)) == 0;
}

static enum trw_claim
hsh_probe(const struct trw_head *head)
{
	return begins(head, "\"file_id\",\"hashset_id\"") ? TRW_CLAIM_HEADER : TRW_CLAIM_NO;
}

static enum trw_claim
hke_probe(const struct trw_head *head)
{
	return begins(head, "\"hashset_id\",\"name\"") ? TRW_CLAIM_HEADER : TRW_CLAIM_NO;
}

const struct trw_format trw_format_hashkeeper = {
	.name = "hashkeeper",
	.summary = "HashKeeper .hsh",
	.probe = hsh_probe,
	.read = hashkeeper_read,
};

const struct trw_format trw_format_hashkeeper_sets = {
	.name = "hashkeeper-sets",
	.summary = "HashKeeper .hke (refused: it has no hashes)",
	.probe = hke_probe,
	.refusal =
		"tells of HashKeeper sets and has no hashes: name the .hsh beside it, and its class and name with --class and --name",
};
