/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "nsrl-v2": NSRLFile.txt of RDS v2 and v1.5, and what others make of RDS v3 in its image:
 * columns go by the header, in any order, in quotes or not (NIST: Data Formats of the NSRL
 * Reference Data Set Distribution). A file has a row for each product that it comes with.
 * SpecialCode M is malicious, S is special: neither is known good.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/csv.h"

#include <string.h>

struct reader {
	struct trw_list *list;
	size_t digests[TRW_HASH_N]; /* MD5 to SHA-512 */
	size_t crc32, name, size, special;
};

static enum trw_status
header_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;
	bool has_digest = false;

	for (int k = 0; k <= TRW_HASH_SHA512; k++) {
		r->digests[k] = trw_csv_column(csv, trw_hash_name((enum trw_hash_kind)k));
		has_digest = has_digest || r->digests[k] != TRW_CSV_NONE;
	}
	r->crc32 = trw_csv_column(csv, "CRC32");
	r->name = trw_csv_column(csv, "FileName");
	r->size = trw_csv_column(csv, "FileSize");
	r->special = trw_csv_column(csv, "SpecialCode");
	return has_digest ? TRW_OK
			  : trw_fail(err, TRW_ECORRUPT,
				    "its first line names neither SHA-1 nor MD5: no NSRLFile.txt");
}

static void
texts_take(struct reader *r, const struct trw_csv *csv)
{
	struct trw_draft *d = r->list->draft;
	struct trw_field name = trw_csv_field(csv, r->name);
	struct trw_field crc32 = trw_csv_field(csv, r->crc32);
	struct trw_field special = trw_csv_field(csv, r->special);

	if (r->list->options->keep_names)
		trw_draft_name(d, name.p, name.n);
	if (crc32.n == 8 && memcmp(crc32.p, "00000000", 8) != 0)
		trw_draft_property(d, "crc32", crc32.p, crc32.n);
	trw_draft_category(d, "NSRL", 4, special.p, special.n);
}

static enum trw_status
row_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_draft *d = trw_draft_begin(r->list, err);
	struct trw_field size = trw_csv_field(csv, r->size);

	for (int k = 0; k <= TRW_HASH_SHA512; k++) {
		struct trw_field digest = trw_csv_field(csv, r->digests[k]);
		if (digest.n > 0)
			trw_draft_digest(d, (enum trw_hash_kind)k, digest.p, digest.n);
	}
	trw_draft_need_digest(d);
	trw_draft_size(d, size.p, size.n);
	texts_take(r, csv);
	return trw_draft_give(d, "line", csv->line);
}

static enum trw_status
nsrl_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_csv_read(l, ',', header_take, row_take, &r, err);
}

/*
 * Names that other lists have none of: those of the products, or the code that keeps a row out of
 * the known good.
 */
static enum trw_claim
nsrl_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first(head->p, head->n), v[64];
	size_t n = trw_text_split(first.p, first.n, ',', v, 64);
	bool has_digest = false, has_code = false;

	for (size_t i = 0; i < n; i++) {
		has_digest =
			has_digest || trw_field_is(&v[i], "SHA1") || trw_field_is(&v[i], "MD5");
		has_code = has_code || trw_field_is(&v[i], "ProductCode") ||
			   trw_field_is(&v[i], "SpecialCode");
	}
	return has_digest && has_code ? TRW_CLAIM_HEADER : TRW_CLAIM_NO;
}

const struct trw_format trw_format_nsrl_v2 = {
	.name = "nsrl-v2",
	.summary = "NSRLFile.txt of RDS v2 and v1.5",
	.probe = nsrl_probe,
	.read = nsrl_read,
	.write = trw_nsrl_v2_write,
};
