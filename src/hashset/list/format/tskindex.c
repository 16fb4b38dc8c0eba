/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "tsk-index": the index that hfind makes beside a list, NAME-md5.idx or NAME-sha1.idx. Each
 * line has the digest itself, so the index alone is a list (tsk/hashdb of
 * github.com/sleuthkit/sleuthkit).
 */
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define ZEROS_MIN 40 /* that the first two lines begin with */

static size_t
zeros_count(const uint8_t *p, size_t n)
{
	size_t count = 0;

	while (count < n && p[count] == '0')
		count++;
	return count;
}

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct trw_list *l = ctx;
	const char *bar = memchr(line, '|', n);
	size_t digits = bar == NULL ? 0 : (size_t)(bar - line);
	enum trw_hash_kind kind = trw_hash_of_digits(digits);
	uint8_t value[TRW_HASH_SIZE_MAX];

	/* the kind of the list, and its name */
	if (trw_input_line_number(l->input) <= 2 &&
		zeros_count((const uint8_t *)line, n) >= ZEROS_MIN) {
		trw_list_skip(l, 1);
		return TRW_OK;
	}
	if (kind == TRW_HASH_N || !trw_hash_unhex(line, digits, value))
		return trw_text_reject(l, "not a line of an hfind index", err);
	return trw_list_digests(l, kind, value, 1, err);
}

static enum trw_status
tskindex_read(struct trw_list *l, struct trw_err *err)
{
	return trw_text_lines(l, '\0', line_take, l, err);
}

static enum trw_claim
tskindex_probe(const struct trw_head *head)
{
	size_t n = zeros_count(head->p, head->n);

	return n >= ZEROS_MIN && n <= ZEROS_MIN + 1 && n < head->n && head->p[n] == '|'
		       ? TRW_CLAIM_MAGIC
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_tsk_index = {
	.name = "tsk-index",
	.summary = "the index of hfind (-md5.idx, -sha1.idx)",
	.probe = tskindex_probe,
	.read = tskindex_read,
};
