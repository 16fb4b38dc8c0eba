/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "icse": the CSV of INTERPOL's database, semicolons, columns in any order (read as by
 * HashDBTool.java of github.com/sepinf-inc/IPED). Names of series and image ids are restricted
 * information: --no-properties leaves them out.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/csv.h"

#include <string.h>

#define SCHEME "INTERPOL-Baseline"

static const struct {
	const char *column, *property;
	bool is_claim;
} columns[] = {{"PhotoDNA", "photodna", false}, {"Image ID", "image_id", false},
	{"Is distributed", "is_distributed", true},
	{"Victim identified", "victim_identified", true},
	{"Offender identified", "offender_identified", true}, {"Series name", "series", false},
	{"Number of submissions", "submissions", false}, {"File Available", "file_available", true},
	{"Media Type", "media_type", false}};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct reader {
	struct trw_list *list;
	size_t md5, sha1, baseline, at[N_COLUMNS];
};

/* "true", "false", or NULL for anything that is neither. */
static const char *
claim_of(const struct trw_field *f)
{
	static const char *const yes[] = {"y", "yes", "t", "true"}, *const no[] = {"n", "no", "f",
									    "false"};

	for (size_t i = 0; i < 4; i++) {
		if (trw_field_is(f, yes[i]))
			return "true";
		if (trw_field_is(f, no[i]))
			return "false";
	}
	return NULL;
}

static void
texts_take(struct reader *r, const struct trw_csv *csv)
{
	struct trw_draft *d = r->list->draft;
	struct trw_field baseline = trw_csv_field(csv, r->baseline);

	trw_draft_category(d, SCHEME, strlen(SCHEME), baseline.p, baseline.n);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		struct trw_field f = trw_csv_field(csv, r->at[i]);
		const char *claim = columns[i].is_claim && f.n > 0 ? claim_of(&f) : NULL;
		if (claim != NULL)
			trw_draft_property(d, columns[i].property, claim, strlen(claim));
		else if (!columns[i].is_claim)
			trw_draft_property(d, columns[i].property, f.p, f.n);
	}
}

static enum trw_status
row_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_draft *d = trw_draft_begin(r->list, err);
	struct trw_field md5 = trw_csv_field(csv, r->md5);
	struct trw_field sha1 = trw_csv_field(csv, r->sha1);

	if (md5.n > 0)
		trw_draft_digest(d, TRW_HASH_MD5, md5.p, md5.n);
	if (sha1.n > 0)
		trw_draft_digest(d, TRW_HASH_SHA1, sha1.p, sha1.n);
	trw_draft_need_digest(d);
	texts_take(r, csv);
	return trw_draft_give(d, "line", csv->line);
}

static enum trw_status
header_take(void *ctx, struct trw_csv *csv, struct trw_err *err)
{
	struct reader *r = ctx;

	r->md5 = trw_csv_column(csv, "MD5");
	r->sha1 = trw_csv_column(csv, "SHA1");
	r->baseline = trw_csv_column(csv, "Baseline");
	for (size_t i = 0; i < N_COLUMNS; i++)
		r->at[i] = trw_csv_column(csv, columns[i].column);
	return r->md5 != TRW_CSV_NONE || r->sha1 != TRW_CSV_NONE
		       ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT, "its first line names neither MD5 nor SHA1");
}

static enum trw_status
icse_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_csv_read(l, ';', header_take, row_take, &r, err);
}

/* All twelve columns are there, in whatever order. */
static enum trw_claim
icse_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first(head->p, head->n), fields[64];
	size_t n = trw_text_split(first.p, first.n, ';', fields, 64), n_found = 0;
	static const char *const others[] = {"MD5", "SHA1", "Baseline"};

	for (size_t k = 0; k < N_COLUMNS + 3; k++) {
		const char *name = k < 3 ? others[k] : columns[k - 3].column;
		for (size_t i = 0; i < n; i++)
			if (trw_field_is(&fields[i], name)) {
				n_found++;
				break;
			}
	}
	return n_found == N_COLUMNS + 3 ? TRW_CLAIM_HEADER : TRW_CLAIM_NO;
}

const struct trw_format trw_format_icse = {
	.name = "icse",
	.summary = "INTERPOL ICSE, CSV",
	.probe = icse_probe,
	.read = icse_read,
};
