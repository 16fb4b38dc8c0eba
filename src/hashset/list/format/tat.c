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

/* The entry into the draft; *is_kept false: it was rejected or left. */
static enum trw_status
take_digest(struct trw_list *l, uint64_t number, const struct trw_json *tree, bool *is_kept,
	struct trw_err *err)
{
	const char *p, *value, *reason;
	enum trw_hash_kind kind;
	size_t n, n_value;

	*is_kept = false;
	if (!trw_json_text(trw_json_get(tree, "algorithm"), &p, &n) ||
		!trw_json_text(trw_json_get(tree, "hash_digest"), &value, &n_value))
		return trw_list_reject(l, "record", number, "no algorithm or no hash_digest", err);
	kind = trw_exchange_kind(p, n);
	if (kind == TRW_HASH_N) {
		trw_list_leave(l, "digests of other algorithms", 1);
		return TRW_OK;
	}
	reason = trw_draft_digest(l->draft, kind, value, n_value);
	if (reason != NULL)
		return trw_list_reject(l, "record", number, reason, err);
	*is_kept = true;
	return TRW_OK;
}

static enum trw_status
take(void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_draft *d = l->draft;
	int64_t rank = trw_exchange_rank_of(tree, "updated_on");
	bool is_deleted = trw_json_claim(trw_json_get(tree, "deleted")) == 1, is_kept = false;
	enum trw_status status = TRW_OK;
	const char *id;
	size_t n_id;

	(void)which;
	if (!trw_json_text(trw_json_get(tree, "id"), &id, &n_id) || n_id == 0)
		return trw_list_reject(l, "record", number, "no id", err);
	if (n_id > TRW_KEY_MAX)
		return trw_list_reject(l, "record", number, "an id that is too long", err);
	if (is_deleted)
		return trw_list_keyed(l, id, n_id, rank, NULL, err);
	trw_draft_begin(l);
	status = take_digest(l, number, tree, &is_kept, err);
	if (status < 0 || !is_kept)
		return status;
	status = trw_exchange_property(d, "ideology", trw_json_get(tree, "ideology"), err);
	if (status == TRW_OK)
		status =
			trw_exchange_property(d, "file_type", trw_json_get(tree, "file_type"), err);
	if (status == TRW_OK)
		status = trw_exchange_updated(d, rank, err);
	return status == TRW_OK ? trw_list_keyed(l, id, n_id, rank, trw_draft_entry(d), err)
				: status;
}

static enum trw_status
tat_read(struct trw_list *l, struct trw_err *err)
{
	return trw_json_each(l, "results.*", take, l, err);
}

static enum trw_claim
tat_probe(const struct trw_head *head)
{
	char room[8];

	/* A page without results has a checkpoint all the same. */
	return trw_json_head_has(head->p, head->n, "results", room, sizeof(room), NULL) &&
			       (trw_exchange_mentions(head->p, head->n, "\"hash_digest\"") ||
				       trw_json_head_has(head->p, head->n, "checkpoint", room,
					       sizeof(room), NULL))
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_tat = {.name = "tat",
	.summary = "Tech Against Terrorism hash list v2 (JSON)",
	.probe = tat_probe,
	.read = tat_read};
