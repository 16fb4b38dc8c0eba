/* SPDX-License-Identifier: Apache-2.0 */
/*
 * StopNCII's FetchHashes. A hash counts while it is active.
 *
 *     {"count", "nextSetTimestamp", "nextPageToken", "hasMoreRecords", "hashRecords": [
 *      {"lastModtimestamp", "signalType": "ImagePDQ" or "VideoMD5", "hashValue",
 *       "hashStatus": "Received", "Active", "Withdrawn" or "Deleted", "caseNumbers",
 *       "CSPFeedbacks"}, ...]}
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/exchange.h"

static enum trw_status
take(void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_draft *d = trw_draft_begin(l, err);
	const struct trw_json *status_of = trw_json_get(tree, "hashStatus");
	int64_t rank = trw_exchange_rank_of(tree, "lastModtimestamp");
	bool is_active = trw_json_is(status_of, "Active");
	const char *p, *value;
	enum trw_hash_kind kind;
	size_t n, n_value;

	(void)which;
	if (!trw_json_text(trw_json_get(tree, "signalType"), &p, &n) ||
		!trw_json_text(trw_json_get(tree, "hashValue"), &value, &n_value))
		return trw_list_reject(l, "record", number, "no signalType or no hashValue", err);
	kind = trw_exchange_kind(p, n);
	if (kind == TRW_HASH_N) {
		trw_list_leave(l, "signals that are not kept", 1);
		return TRW_OK;
	}
	if (trw_json_is(status_of, "Received")) {
		trw_list_leave(l, "hashes that are not active yet", 1);
		return TRW_OK;
	}
	if (!is_active && !trw_json_is(status_of, "Withdrawn") &&
		!trw_json_is(status_of, "Deleted"))
		return trw_list_reject(l, "record", number, "an unknown hashStatus", err);
	trw_draft_digest(d, kind, value, n_value);
	if (trw_draft_is_bad(d))
		return trw_draft_give(d, "record", number);
	if (trw_json_get(tree, "caseNumbers") != NULL || trw_json_get(tree, "CSPFeedbacks") != NULL)
		trw_list_leave(l, "case numbers and feedback", 1);
	trw_exchange_updated(d, rank);
	return trw_exchange_give(d, kind, rank, number, !is_active);
}

static enum trw_status
stopncii_read(struct trw_list *l, struct trw_err *err)
{
	return trw_json_each(l, "hashRecords.*", take, l, err);
}

static enum trw_claim
stopncii_probe(const struct trw_head *head)
{
	return trw_json_head_has(head->p, head->n, "hashRecords", NULL, 0, NULL) ||
			       trw_json_head_has(
				       head->p, head->n, "nextSetTimestamp", NULL, 0, NULL)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_stopncii = {.name = "stopncii",
	.summary = "StopNCII FetchHashes pages (JSON)",
	.probe = stopncii_probe,
	.read = stopncii_read};
