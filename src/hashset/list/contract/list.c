/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/list.h"

#include <string.h>

enum trw_status
trw_list_entry(struct trw_list *l, const struct trw_entry *entry, struct trw_err *err)
{
	l->report->n_records++;
	l->report->n_accepted++;
	return l->sink->entry(l->sink->ctx, entry, err);
}

enum trw_status
trw_list_digests(struct trw_list *l, enum trw_hash_kind kind, const uint8_t *digests, size_t n,
	struct trw_err *err)
{
	l->report->n_records += n;
	l->report->n_accepted += n;
	return l->sink->digests(l->sink->ctx, kind, digests, n, err);
}

enum trw_status
trw_list_subtract(struct trw_list *l, const struct trw_entry *entry, struct trw_err *err)
{
	l->report->n_records++;
	l->report->n_withdrawn++;
	return l->sink->subtract(l->sink->ctx, entry, err);
}

enum trw_status
trw_list_keyed(struct trw_list *l, const void *key, size_t key_len, int64_t rank,
	const struct trw_entry *entry, struct trw_err *err)
{
	l->report->n_records++;
	if (entry != NULL)
		l->report->n_accepted++;
	else
		l->report->n_withdrawn++;
	return l->sink->keyed(l->sink->ctx, key, key_len, rank, entry, err);
}

enum trw_status
trw_list_reject(struct trw_list *l, const char *what, uint64_t place, const char *reason,
	struct trw_err *err)
{
	struct trw_list_report *r = l->report;

	if (r->n_rejected < TRW_REJECTS_SHOWN) {
		r->rejects[r->n_rejected].place = place;
		r->rejects[r->n_rejected].what = what;
		r->rejects[r->n_rejected].reason = reason;
		r->rejects[r->n_rejected].file = trw_input_name(l->input);
	}
	r->n_records++;
	r->n_rejected++;
	return l->options->is_strict
		       ? trw_fail(err, TRW_ECORRUPT,
				 "%s %" PRIu64 ": %s; mend it, or import without --strict", what,
				 place, reason)
		       : TRW_OK;
}

enum trw_status
trw_list_reject_all(struct trw_list *l, const char *what, uint64_t first, uint64_t n,
	const char *reason, struct trw_err *err)
{
	uint64_t shown = n < TRW_REJECTS_SHOWN ? n : TRW_REJECTS_SHOWN; /* n may be anything */
	enum trw_status st = TRW_OK;

	for (uint64_t i = 0; st == TRW_OK && i < shown; i++)
		st = trw_list_reject(l, what, first + i, reason, err);
	l->report->n_records += n - shown;
	l->report->n_rejected += n - shown;
	return st;
}

void
trw_list_skip(struct trw_list *l, uint64_t n)
{
	l->report->n_skipped += n;
}

void
trw_list_leave(struct trw_list *l, const char *what, uint64_t n)
{
	trw_left_add(l->report->left, &l->report->n_left, what, n);
}

enum trw_status
trw_list_fact(struct trw_list *l, const char *key, const char *value, size_t n, struct trw_err *err)
{
	return l->sink->fact(l->sink->ctx, key, value, n, err);
}
