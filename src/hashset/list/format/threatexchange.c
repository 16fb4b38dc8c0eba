/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ThreatExchange's threat_updates (python-threatexchange of github.com/facebook/ThreatExchange).
 * What is said of an indicator is keyed by its type and value; should_delete takes it back.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/exchange.h"

#include "base/buf.h"

#include <string.h>

struct reader {
	struct trw_list *l;
	struct trw_buf tags;
};

static bool
is_among(const struct trw_buf *b, const char *p, size_t n)
{
	const uint8_t *at = b->v, *bar;
	size_t left = b->n;

	while (left > 0) {
		bar = memchr(at, '|', left);
		size_t len = bar == NULL ? left : (size_t)(bar - at);
		if (len == n && memcmp(at, p, n) == 0)
			return true;
		at += bar == NULL ? 0 : len + 1;
		left -= bar == NULL ? left : len + 1;
	}
	return false;
}

/* A text once, behind a bar when it is not the first. */
static enum trw_status
join(struct trw_buf *b, const struct trw_json *value, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	const char *p;
	size_t n;

	if (!trw_json_text(value, &p, &n) || n == 0 || is_among(b, p, n))
		return TRW_OK;
	if (b->n > 0)
		status = trw_buf_put(b, "|", 1, err);
	return status == TRW_OK ? trw_buf_put(b, p, n, err) : status;
}

/* The distinct statuses of the descriptors, or their distinct tags. */
static enum trw_status
gather(struct reader *r, const struct trw_json *tree, bool are_tags, struct trw_err *err)
{
	const struct trw_json *list = trw_json_get(trw_json_get(tree, "descriptors"), "data");
	enum trw_status status = TRW_OK;

	r->tags.n = 0;
	for (const struct trw_json *d = list == NULL ? NULL : list->child; d != NULL; d = d->next) {
		const struct trw_json *tags = trw_json_get(trw_json_get(d, "tags"), "data");
		if (!are_tags)
			status = join(&r->tags, trw_json_get(d, "status"), err);
		for (const struct trw_json *t = are_tags && tags != NULL ? tags->child : NULL;
			t != NULL && status == TRW_OK; t = t->next)
			status = join(&r->tags, trw_json_get(t, "text"), err);
		if (status < 0)
			return status;
	}
	return TRW_OK;
}

static enum trw_status
describe(struct reader *r, const struct trw_json *tree, int64_t rank, struct trw_err *err)
{
	struct trw_draft *d = r->l->draft;
	enum trw_status status = gather(r, tree, false, err);

	if (status < 0)
		return status;
	if (r->tags.n <= TRW_CATEGORY_MAX)
		trw_draft_category(d, "ThreatExchange", 14, (const char *)r->tags.v, r->tags.n);
	if (is_among(&r->tags, "MALICIOUS", 9) || is_among(&r->tags, "SUSPICIOUS", 10))
		d->entry.is_suspect = true;
	status = gather(r, tree, true, err);
	if (status < 0)
		return status;
	trw_draft_property(d, "tags", (const char *)r->tags.v, r->tags.n);
	trw_exchange_updated(d, rank);
	return TRW_OK;
}

static enum trw_status
take(void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct reader *r = ctx;
	int64_t rank = trw_exchange_rank_of(tree, "last_updated");
	bool is_deleted = trw_json_claim(trw_json_get(tree, "should_delete")) == 1;
	struct trw_draft *d = trw_draft_begin(r->l, err);
	const char *p, *value;
	enum trw_status status = TRW_OK;
	enum trw_hash_kind kind;
	size_t n, n_value;

	(void)which;
	if (!trw_json_text(trw_json_get(tree, "type"), &p, &n) ||
		!trw_json_text(trw_json_get(tree, "indicator"), &value, &n_value))
		return trw_list_reject(r->l, "record", number, "no type or no indicator", err);
	kind = trw_exchange_kind(p, n);
	if (kind == TRW_HASH_N) {
		trw_list_leave(r->l, "indicators that are no digests", 1);
		return TRW_OK;
	}
	trw_draft_digest(d, kind, value, n_value);
	if (!is_deleted && !trw_draft_is_bad(d))
		status = describe(r, tree, rank, err);
	return status < 0 ? status : trw_exchange_give(d, kind, rank, number, is_deleted);
}

static enum trw_status
threatexchange_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.l = l};
	enum trw_status status = trw_json_each(l, "data.*", take, &r, err);

	trw_buf_clear(&r.tags);
	return status;
}

static enum trw_claim
threatexchange_probe(const struct trw_head *head)
{
	/* A page without updates has its place among the pages all the same. */
	return trw_json_head_has(head->p, head->n, "data", NULL, 0, NULL) &&
			       (trw_exchange_mentions(head->p, head->n, "\"indicator\"") ||
				       trw_json_head_has(head->p, head->n, "paging", NULL, 0, NULL))
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_threatexchange = {.name = "threatexchange",
	.summary = "ThreatExchange threat_updates pages (JSON)",
	.probe = threatexchange_probe,
	.read = threatexchange_read};
