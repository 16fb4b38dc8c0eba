/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "clamav": hash signatures of ClamAV (.hdb, .hsb, .hdu, .hsu, and the lists of exceptions
 * .fp, .sfp), "digest:size:name" and sometimes ":level" behind it; size * is any. A list of
 * exceptions looks the same: what it means is said with --class.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_field v[4];
	size_t n_fields = trw_text_split(line, n, ':', v, 4);
	const char *reason;
	enum trw_status st;

	trw_draft_begin(l);
	reason = n_fields < 3 ? "not digest:size:name"
			      : trw_draft_digest(l->draft, TRW_HASH_N, v[0].p, v[0].n);
	if (reason == NULL && (v[1].n != 1 || v[1].p[0] != '*'))
		reason = trw_draft_size(l->draft, v[1].p, v[1].n);
	if (reason != NULL)
		return trw_text_reject(l, reason, err);
	st = trw_draft_property(l->draft, "signature", v[2].p, v[2].n, err);
	return st < 0 ? st : trw_draft_give(l->draft, err);
}

static enum trw_status
clamav_read(struct trw_list *l, struct trw_err *err)
{
	return trw_text_lines(l, '#', line_take, l, err);
}

static enum trw_claim
clamav_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first_record(head->p, head->n, '#'), v[4];
	uint8_t value[TRW_HASH_SIZE_MAX];

	if (trw_text_split(first.p, first.n, ':', v, 4) < 3 || v[2].n == 0 ||
		trw_hash_of_digits(v[0].n) == TRW_HASH_N || !trw_hash_unhex(v[0].p, v[0].n, value))
		return TRW_CLAIM_NO;
	for (size_t i = 0; i < v[1].n; i++)
		if ((v[1].p[i] < '0' || v[1].p[i] > '9') && (v[1].n > 1 || v[1].p[0] != '*'))
			return TRW_CLAIM_NO;
	return v[1].n > 0 ? TRW_CLAIM_HEADER : TRW_CLAIM_NO;
}

const struct trw_format trw_format_clamav = {
	.name = "clamav",
	.summary = "ClamAV hash signatures",
	.probe = clamav_probe,
	.read = clamav_read,
};
