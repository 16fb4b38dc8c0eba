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
	struct trw_draft *d = trw_draft_begin(l, err);
	struct trw_field v[4];

	if (trw_text_split(line, n, ':', v, 4) < 3)
		return trw_text_reject(l, "not digest:size:name", err);
	trw_draft_digest(d, TRW_HASH_N, v[0].p, v[0].n);
	if (v[1].n != 1 || v[1].p[0] != '*')
		trw_draft_size(d, v[1].p, v[1].n);
	trw_draft_property(d, "signature", v[2].p, v[2].n);
	return trw_text_give(l);
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

	if (trw_text_split(first.p, first.n, ':', v, 4) < 3 || v[2].n == 0 ||
		!trw_hash_is_hex(TRW_HASH_N, v[0].p, v[0].n))
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
