/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/match.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "index/sets/hits.h"

#include <stdlib.h>
#include <string.h>

struct session {
	struct trw_setlist sets;
	struct trw_evidence *ev;
	struct trw_hits hits;
	uint64_t n_seen, n_damaged; /* contents so far, and those of them that are not complete */
	size_t n;                   /* contents that wait */
	char unmet[TRW_UNMET_SIZE];
	int64_t file_ids[TRW_MATCH_BATCH];
	struct trw_match_content contents[TRW_MATCH_BATCH];
};

static enum trw_status
look_up(struct session *m, struct trw_err *err)
{
	enum trw_status s;

	if (trw_is_cancelled())
		return trw_fail(err, TRW_ECANCEL, "interrupted: the database is as it was");
	s = trw_hits_find(&m->hits, &m->sets, m->contents, m->file_ids, m->n, err);
	if (s == TRW_OK)
		s = trw_hits_write(&m->hits, m->ev, err);
	m->hits.n = 0;
	m->n = 0;
	return s;
}

static enum trw_status
take_content(void *ctx, const struct trw_content_row *content, struct trw_err *err)
{
	struct session *m = ctx;
	bool is_complete = content->state == TRW_DIGEST_COMPLETE;

	m->contents[m->n] = trw_match_content_of(&content->digests, content->size, is_complete);
	m->n_seen++;
	m->n_damaged += !is_complete;
	m->file_ids[m->n++] = content->file_id;
	return m->n == TRW_MATCH_BATCH ? look_up(m, err) : TRW_OK;
}

static enum trw_status
work(struct session *m, const struct trw_index_match_options *o, struct trw_err *err)
{
	enum trw_status s = trw_setlist_begin(&m->sets, m->ev,
		&(struct trw_evidence_session){.examiner = o->examiner, .host = o->host}, err);

	if (s < 0)
		return s;
	if (o->sandbox != NULL)
		s = trw_evidence_audit(m->ev, "sandbox", o->sandbox, err);
	if (s == TRW_OK)
		s = trw_evidence_contents(m->ev, take_content, m, err);
	if (s == TRW_OK)
		s = look_up(m, err);
	if (s == TRW_OK)
		s = trw_hits_finish(&m->sets, m->ev, err);
	if (s == TRW_OK)
		s = trw_evidence_match_end(m->ev, m->sets.session_id, err);
	else
		trw_evidence_abandon(m->ev);
	return s;
}

static enum trw_status
tell(struct session *m, struct trw_index_matched *told, struct trw_err *err)
{
	uint64_t n_due = 0;
	enum trw_status s = trw_evidence_streams_due(m->ev, &n_due, err);

	trw_setlist_unmet(&m->sets, m->unmet);
	for (size_t i = 0; s == TRW_OK && i < m->sets.n; i++) {
		const struct trw_setlist_item *item = &m->sets.v[i];
		told[i] = (struct trw_index_matched){.path = item->path,
			.name = item->name,
			.version = item->version,
			.n_entries = trw_set_info(item->set)->n_entries,
			.n_usable = item->n_usable,
			.n_undigested = n_due > m->n_seen ? n_due - m->n_seen : 0,
			.n_damaged = m->n_damaged,
			.unmet = m->unmet};
		s = trw_evidence_session_counts(
			m->ev, m->sets.session_id, item->hashset_id, &told[i].counts, err);
	}
	return s;
}

/* Only what is on disk is told. */
static enum trw_status
match(struct session *m, const struct trw_index_match_options *o, trw_index_matched_take take,
	void *ctx, struct trw_err *err)
{
	struct trw_index_matched *told = trw_alloc(m->sets.n, sizeof(*told), err);
	struct trw_err late = {0};
	enum trw_status s =
		told == NULL ? TRW_ENOMEM : trw_evidence_open(o->db, TRW_EVIDENCE_ADD, &m->ev, err);

	if (s == TRW_OK)
		s = work(m, o, err);
	if (s == TRW_OK)
		s = tell(m, told, err);
	enum trw_status closed = trw_evidence_close(m->ev, &late);
	if (s == TRW_OK && closed < 0) {
		s = closed;
		if (err != NULL)
			*err = late;
	}
	for (size_t i = 0; s == TRW_OK && i < m->sets.n; i++)
		take(ctx, &told[i]);
	free(told);
	return s;
}

enum trw_status
trw_index_match(const struct trw_index_match_options *o, trw_index_matched_take take, void *ctx,
	struct trw_err *err)
{
	struct session *m;
	enum trw_status s;

	if (o->n_sets == 0)
		return trw_fail(err, TRW_EUSAGE, "no hash set given: use --set FILE");
	m = trw_alloc(1, sizeof(*m), err);
	if (m == NULL)
		return TRW_ENOMEM;
	s = trw_setlist_open(&m->sets, o->sets, o->n_sets, o->alerts, o->n_alerts, err);
	if (s == TRW_OK)
		s = match(m, o, take, ctx, err);
	trw_hits_clear(&m->hits);
	trw_setlist_close(&m->sets);
	free(m);
	return s;
}
