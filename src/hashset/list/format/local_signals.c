/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "threatexchange-local": "type value" on each line, as ThreatExchange's local files have
 * it.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

static const struct {
	const char *type;
	enum trw_hash_kind kind;
} types[] = {{"video_md5", TRW_HASH_MD5}, {"md5", TRW_HASH_MD5}, {"sha1", TRW_HASH_SHA1},
	{"sha256", TRW_HASH_SHA256}, {"pdq", TRW_HASH_PDQ}};

static enum trw_hash_kind
type_find(const struct trw_field *f)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (trw_field_is(f, types[i].type))
			return types[i].kind;
	return TRW_HASH_N;
}

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_field v[2];
	enum trw_hash_kind kind;

	if (trw_text_split(line, n, ' ', v, 2) < 2 || v[0].n == 0)
		return trw_text_reject(l, "not a type and a value", err);
	kind = type_find(&v[0]);
	if (kind == TRW_HASH_N) {
		trw_list_leave(l, "signals of kinds that sets do not hold", 1);
		return TRW_OK;
	}
	trw_draft_digest(trw_draft_begin(l, err), kind, v[1].p, v[1].n);
	return trw_text_give(l);
}

static enum trw_status
local_read(struct trw_list *l, struct trw_err *err)
{
	return trw_text_lines(l, '#', line_take, l, err);
}

static enum trw_claim
local_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first_record(head->p, head->n, '#'), v[2];

	if (trw_text_split(first.p, first.n, ' ', v, 2) < 2)
		return TRW_CLAIM_NO;
	enum trw_hash_kind kind = type_find(&v[0]);
	return kind != TRW_HASH_N && v[1].n == 2 * trw_hash_size(kind) ? TRW_CLAIM_HEADER
								       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_threatexchange_local = {
	.name = "threatexchange-local",
	.summary = "ThreatExchange local files: type and value on a line",
	.probe = local_probe,
	.read = local_read,
};
