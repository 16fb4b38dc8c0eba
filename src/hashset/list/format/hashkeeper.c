/* SPDX-License-Identifier: Apache-2.0 */
/* Format "hashkeeper": the .hsh files of HashKeeper; the .hke beside one tells of the set and has no hashes. */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/csv.h"

#include <string.h>

struct reader {
	struct trw_list *list;
	struct trw_csv *csv; /* owned */
	size_t hash, name, size;
	struct trw_draft draft;
};

static enum trw_status
row_take(struct reader *r, struct trw_err *err)
{
	struct trw_field hash = trw_csv_field(r->csv, r->hash);
	struct trw_field name = trw_csv_field(r->csv, r->name);
	struct trw_field size = trw_csv_field(r->csv, r->size);
	const char *reason;
	enum trw_status st = TRW_OK;

	trw_draft_reset(&r->draft, r->list);
	reason = trw_draft_digest(&r->draft, TRW_HASH_MD5, hash.p, hash.n);
	if (reason == NULL)
		reason = trw_draft_size(&r->draft, size.p, size.n);
	if (reason != NULL)
		return trw_csv_reject(r->csv, r->list, reason, err);
	if (r->list->options->keep_names)
		st = trw_draft_name(&r->draft, name.p, name.n, err);
	return st < 0 ? st : trw_list_entry(r->list, trw_draft_entry(&r->draft), err);
}

static enum trw_status
hashkeeper_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};
	enum trw_status st = trw_csv_new(',', &r.csv, err);

	if (st == TRW_OK)
		st = trw_csv_next(r.csv, l, err);
	if (st == TRW_OK) {
		r.hash = trw_csv_column(r.csv, "hash");
		r.name = trw_csv_column(r.csv, "file_name");
		r.size = trw_csv_column(r.csv, "file_size");
		trw_list_skip(l, 1);
		if (r.hash == TRW_CSV_NONE)
			st = trw_fail(err, TRW_ECORRUPT,
				"its first line has no column hash: no HashKeeper file");
	}
	while (st == TRW_OK && (st = trw_csv_next(r.csv, l, err)) == TRW_OK)
		st = row_take(&r, err);
	trw_draft_clear(&r.draft);
	trw_csv_free(r.csv);
	return st == TRW_END ? TRW_OK : st;
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
