/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sets/hits.h"

#include "base/alloc.h"
#include "index/sets/entrytext.h"

#include <stdlib.h>

void
trw_hits_clear(struct trw_hits *hits)
{
	free(hits->v);
	*hits = (struct trw_hits){0};
}

/* What one content has in one set so far: [0] is matches, [1] what is none. */
struct tally {
	size_t content, n; /* n 0: nothing yet */
	size_t n_kept[2], last[2], n_more_alerts;
};

struct finding {
	struct trw_hits *hits;
	const int64_t *file_ids;
	uint32_t set;
	struct tally tally;
};

/* An alert must not be lost behind matches that are none. */
static enum trw_status
is_more_alert(struct finding *f, const struct trw_match_hit *hit, bool *is, struct trw_err *err)
{
	const struct trw_setlist *sets = f->hits->sets;
	const struct trw_setlist_item *item = &sets->v[f->set];
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;

	*is = false;
	if (hit->verdict != TRW_VERDICT_MATCH || sets->alerts.n == 0 ||
		f->tally.n_more_alerts == TRW_HITS_OF_CONTENT)
		return TRW_OK;
	enum trw_status s = trw_set_entry(item->set, hit->row, &entry, room, err);
	*is = s == TRW_OK && trw_alerts_name(&sets->alerts, entry.scheme, entry.scheme_len,
				     entry.category, entry.category_len);
	f->tally.n_more_alerts += *is;
	return s;
}

/* Is the hit one of those that are recorded? */
static enum trw_status
admit(struct finding *f, const struct trw_match_hit *hit, bool *is_kept, struct trw_err *err)
{
	struct tally *t = &f->tally;
	size_t kind = hit->verdict != TRW_VERDICT_MATCH;
	enum trw_status s = TRW_OK;

	if (t->n == 0 || t->content != hit->content)
		*t = (struct tally){.content = hit->content};
	t->n++;
	*is_kept = t->n_kept[kind] < TRW_HITS_OF_CONTENT;
	if (*is_kept) {
		t->n_kept[kind]++;
		t->last[kind] = f->hits->n;
	} else {
		s = is_more_alert(f, hit, is_kept, err);
		f->hits->v[t->last[kind]].n_unrecorded += !*is_kept;
	}
	return s;
}

static enum trw_status
take(void *ctx, const struct trw_match_hit *hit, struct trw_err *err)
{
	struct finding *f = ctx;
	struct trw_hits *hits = f->hits;
	bool is_kept;
	enum trw_status s = admit(f, hit, &is_kept, err);

	if (s < 0 || !is_kept)
		return s;
	void *v = trw_grow(hits->v, hits->n, &hits->cap, sizeof(*hits->v), TRW_HITS_MAX, err);

	if (v == NULL)
		return trw_fail_in(err, "hits in %s", hits->sets->v[f->set].path);
	hits->v = v;
	hits->v[hits->n++] = (struct trw_hit){.file_id = f->file_ids[hit->content],
		.set = f->set,
		.row = hit->row,
		.agreed = hit->agreed,
		.verdict = hit->verdict};
	return TRW_OK;
}

enum trw_status
trw_hits_find(struct trw_hits *hits, const struct trw_setlist *sets,
	const struct trw_match_content *contents, const int64_t *file_ids, size_t n,
	struct trw_err *err)
{
	struct finding f = {.hits = hits, .file_ids = file_ids};
	enum trw_status s = TRW_OK;

	hits->sets = sets;
	for (size_t i = 0; s == TRW_OK && i < sets->n; i++) {
		f.set = (uint32_t)i;
		f.tally = (struct tally){0};
		s = trw_set_match(sets->v[i].set, contents, n, take, &f, err);
		/* Before any of it is written: a run that goes on later has nothing wrong behind it. */
		if (s == TRW_OK)
			s = trw_set_confirm(sets->v[i].set, err);
	}
	return s;
}

/* Whoever can get a file into a list of known files can make a twin of it with the same MD5 or SHA-1. */
static bool
excludes(const struct trw_setlist_item *item, const struct trw_hit *hit)
{
	uint32_t sha256 = TRW_HASH_BIT(TRW_HASH_SHA256);

	if (!item->is_known_good || hit->verdict != TRW_VERDICT_MATCH)
		return false;
	return (trw_set_info(item->set)->kinds & sha256) == 0 || (hit->agreed & sha256) != 0;
}

static bool
alerts(const struct trw_alerts *policy, const struct trw_setlist_item *item,
	const struct trw_hit *hit, const struct trw_entry *entry)
{
	if (hit->verdict != TRW_VERDICT_MATCH)
		return false;
	return item->is_alert || trw_alerts_name(policy, entry->scheme, entry->scheme_len,
					 entry->category, entry->category_len);
}

static enum trw_status
write_entry(struct trw_evidence *ev, const struct trw_setlist_item *item, uint32_t row,
	const struct trw_entry *entry, struct trw_err *err)
{
	struct trw_entry_text text = {0};
	enum trw_status s = trw_entry_text_make(entry, row, &text, err);
	const uint8_t *digests[TRW_HASH_N];

	for (int k = 0; k < TRW_HASH_N; k++)
		digests[k] = (entry->kinds & TRW_HASH_BIT(k)) != 0 ? entry->digest[k] : NULL;
	if (s == TRW_OK)
		s = trw_evidence_entry_add(ev,
			&(struct trw_evidence_entry){.hashset_id = item->hashset_id,
				.row = row,
				.entry = text.name,
				.scheme = text.scheme,
				.category = text.category,
				.has_size = entry->size != TRW_SIZE_ABSENT,
				.size = entry->size,
				.md5 = digests[TRW_HASH_MD5],
				.sha1 = digests[TRW_HASH_SHA1],
				.sha256 = digests[TRW_HASH_SHA256],
				.properties = text.properties,
				.marks = text.marks},
			err);
	trw_entry_text_clear(&text);
	return s;
}

static enum trw_status
need_entry(struct trw_evidence *ev, const struct trw_setlist_item *item, uint32_t row,
	const struct trw_entry *entry, struct trw_err *err)
{
	bool is_known = false;
	enum trw_status s = trw_evidence_entry_known(
		ev, trw_evidence_entry_id(item->hashset_id, row), &is_known, err);

	return s < 0 || is_known ? s : write_entry(ev, item, row, entry, err);
}

static enum trw_status
write_hit(const struct trw_setlist *sets, const struct trw_hit *hit, struct trw_evidence *ev,
	struct trw_err *err)
{
	const struct trw_setlist_item *item = &sets->v[hit->set];
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;
	char agreed[TRW_AGREED_SIZE];
	enum trw_status s = trw_set_entry(item->set, hit->row, &entry, room, err);

	if (s == TRW_OK && !item->is_known_good)
		s = need_entry(ev, item, hit->row, &entry, err);
	if (s < 0)
		return s;
	trw_match_agreed_text(hit->agreed, agreed);
	bool is_alert = alerts(&sets->alerts, item, hit, &entry);
	return trw_evidence_hit_add(ev,
		&(struct trw_evidence_hit){.file_id = hit->file_id,
			.session_id = sets->session_id,
			.entry_id = trw_evidence_entry_id(item->hashset_id, hit->row),
			.verdict = hit->verdict,
			.agreed = agreed,
			.is_alert = is_alert,
			.n_unrecorded = hit->n_unrecorded,
			.is_excluded = !is_alert && excludes(item, hit)},
		err);
}

enum trw_status
trw_hits_write(const struct trw_hits *hits, struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < hits->n; i++)
		s = write_hit(hits->sets, &hits->v[i], ev, err);
	return s;
}

struct finishing {
	struct trw_evidence *ev;
	const struct trw_setlist_item *item;
};

static enum trw_status
take_missing(void *ctx, uint32_t row, struct trw_err *err)
{
	struct finishing *f = ctx;
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;
	enum trw_status s = trw_set_entry(f->item->set, row, &entry, room, err);

	return s < 0 ? s : write_entry(f->ev, f->item, row, &entry, err);
}

enum trw_status
trw_hits_finish(const struct trw_setlist *sets, struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < sets->n; i++) {
		struct finishing f = {ev, &sets->v[i]};
		if (f.item->is_known_good)
			s = trw_evidence_entries_missing(
				ev, sets->session_id, f.item->hashset_id, take_missing, &f, err);
		if (s == TRW_OK)
			s = trw_set_confirm(f.item->set, err);
	}
	return s;
}
