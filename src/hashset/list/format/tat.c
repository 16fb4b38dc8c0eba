/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tech Against Terrorism's hash list, version 2. A record's key is its id.
 *
 *     {"count", "next", "previous", "checkpoint": "TIME,ID", "results": [{"id", "hash_digest",
 *      "algorithm": "MD5" ..., "ideology", "file_type", "deleted", "created_on", "updated_on"}, ...]}
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/exchange.h"

/* False: it is left. */
static bool
take_digest(struct trw_draft *d, const struct trw_json *tree)
{
	const char *p, *value;
	enum trw_hash_kind kind;
	size_t n, n_value;

	if (!trw_json_text(trw_json_get(tree, "algorithm"), &p, &n) ||
		!trw_json_text(trw_json_get(tree, "hash_digest"), &value, &n_value)) {
		trw_draft_refuse(d, "no algorithm or no hash_digest");
		return true;
	}
	kind = trw_exchange_kind(p, n);
	if (kind == TRW_HASH_N)
		trw_list_leave(d->list, "digests of other algorithms", 1);
	else
		trw_draft_digest(d, kind, value, n_value);
	return kind != TRW_HASH_N;
}

static enum trw_status
take(void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_draft *d = trw_draft_begin(l, err);
	int64_t rank = trw_exchange_rank_of(tree, "updated_on");
	const char *id;
	size_t n_id;

	(void)which;
	if (!trw_json_text(trw_json_get(tree, "id"), &id, &n_id) || n_id == 0)
		return trw_list_reject(l, "record", number, "no id", err);
	if (n_id > TRW_KEY_MAX)
		return trw_list_reject(l, "record", number, "an id that is too long", err);
	if (trw_json_claim(trw_json_get(tree, "deleted")) == 1)
		return trw_list_keyed(l, id, n_id, rank, NULL, err);
	if (!take_digest(d, tree))
		return TRW_OK;
	trw_exchange_property(d, "ideology", trw_json_get(tree, "ideology"));
	trw_exchange_property(d, "file_type", trw_json_get(tree, "file_type"));
	trw_exchange_updated(d, rank);
	return trw_draft_give_keyed(d, "record", number, id, n_id, rank);
}

static enum trw_status
tat_read(struct trw_list *l, struct trw_err *err)
{
	return trw_json_each(l, "results.*", take, l, err);
}

static enum trw_claim
tat_probe(const struct trw_head *head)
{
	/* A page without results has a checkpoint all the same. */
	return trw_json_head_has(head->p, head->n, "results", NULL, 0, NULL) &&
			       (trw_exchange_mentions(head->p, head->n, "\"hash_digest\"") ||
				       trw_json_head_has(
					       head->p, head->n, "checkpoint", NULL, 0, NULL))
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_tat = {.name = "tat",
	.summary = "Tech Against Terrorism hash list v2 (JSON)",
	.probe = tat_probe,
	.read = tat_read};
