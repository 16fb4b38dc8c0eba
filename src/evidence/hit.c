/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hits come in the order of the disk, as contents do, and are held back until the commit for the same reason: see
 * content.c, which has them written before the contents of the same time. Entries have their place in the set, which is no order
 * at all when a hit is met: whoever expects many leaves them for the end and asks then which are missing.
 */
#include "base/alloc.h"
#include "evidence/content.h"
#include "evidence/session.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX ((size_t)1 << 18) /* rows: 14 MiB */
#define AGREED_MAX 24              /* chars, with the NUL */

/** A row of table hit. */
struct trw_held_hit {
	int64_t file_id, session_id, entry_id;
	const char *verdict; /* a literal */
	char agreed[AGREED_MAX];
	bool is_alert, is_excluded;
	uint32_t n_unrecorded;
};

enum trw_status
trw_evidence_entry_known(
	struct trw_evidence *ev, int64_t entry_id, bool *is_known, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(
		ev, TRW_STMT_ENTRY_KNOWN, "SELECT 1 FROM set_entry WHERE entry_id = ?", &row, err);
	int rc;

	if (status < 0)
		return status;
	trw_row_int(&row, entry_id);
	rc = sqlite3_step(row.stmt);
	*is_known = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_reset(row.stmt);
	return status;
}

enum trw_status
trw_evidence_entry_add(
	struct trw_evidence *ev, const struct trw_evidence_entry *entry, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_ENTRY,
		"INSERT INTO set_entry (entry_id, hashset_id, row, entry, scheme, category, size, md5, sha1,"
		" sha256, properties, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, trw_evidence_entry_id(entry->hashset_id, entry->row));
	trw_row_int(&row, entry->hashset_id);
	trw_row_int(&row, entry->row);
	trw_row_text(&row, entry->entry);
	trw_row_text(&row, entry->scheme);
	trw_row_text(&row, entry->category);
	if (entry->has_size)
		trw_row_length(&row, entry->size);
	else
		trw_row_null(&row);
	trw_row_blob(&row, entry->md5, 16);
	trw_row_blob(&row, entry->sha1, 20);
	trw_row_blob(&row, entry->sha256, 32);
	trw_row_text(&row, entry->properties);
	trw_row_text(&row, entry->marks);
	status = trw_row_end(&row, err);
	return status < 0 ? trw_fail_in(err, "entry in row %" PRIu32 " of hash set %" PRId64,
				    entry->row, entry->hashset_id)
			  : status;
}

enum trw_status
trw_evidence_entries_missing(struct trw_evidence *ev, int64_t session_id, int64_t hashset_id,
	trw_evidence_row_take take, void *ctx, struct trw_err *err)
{
	/* Grouping sorts all of them before the first is told: take may write to set_entry. */
	static const char sql[] =
		"SELECT entry_id & 0xffffffff FROM hit WHERE session_id = ?1 AND entry_id >> 32 = ?2"
		" AND NOT EXISTS (SELECT 1 FROM set_entry AS e WHERE e.entry_id = hit.entry_id)"
		" GROUP BY entry_id ORDER BY entry_id";
	sqlite3_stmt *stmt = NULL;
	enum trw_status status;
	int rc = SQLITE_DONE;

	if ((status = trw_contents_flush(ev, err)) < 0 ||
		(status = trw_store_prepare(ev, sql, &stmt, err)) < 0)
		return status;
	(void)sqlite3_bind_int64(stmt, 1, session_id);
	(void)sqlite3_bind_int64(stmt, 2, hashset_id);
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		status = take(ctx, (uint32_t)sqlite3_column_int64(stmt, 0), err);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
write_hit(struct trw_evidence *ev, const struct trw_held_hit *hit, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_HIT,
		"INSERT INTO hit (file_id, session_id, entry_id, verdict, agreed, is_alert, is_excluded,"
		" n_unrecorded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, hit->file_id);
	trw_row_int(&row, hit->session_id);
	trw_row_int(&row, hit->entry_id);
	trw_row_text(&row, hit->verdict);
	trw_row_text(&row, hit->agreed);
	trw_row_int(&row, hit->is_alert);
	trw_row_int(&row, hit->is_excluded);
	trw_row_int(&row, hit->n_unrecorded);
	status = trw_row_end(&row, err);
	return status < 0 ? trw_fail_in(err, "hit of file %" PRId64, hit->file_id) : status;
}

static int
by_key(const void *a, const void *b)
{
	const struct trw_held_hit *x = a, *y = b;

	if (x->file_id != y->file_id)
		return x->file_id < y->file_id ? -1 : 1;
	return (x->entry_id > y->entry_id) - (x->entry_id < y->entry_id);
}

enum trw_status
trw_hits_flush(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	size_t n = ev->n_hits;

	if (n == 0)
		return TRW_OK;
	ev->n_hits = 0;
	qsort(ev->hits, n, sizeof(*ev->hits), by_key);
	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = write_hit(ev, &ev->hits[i], err);
	if (status < 0)
		ev->is_broken = true;
	return status;
}

void
trw_hits_clear_held(struct trw_evidence *ev)
{
	free(ev->hits);
	ev->hits = NULL;
	ev->n_hits = ev->cap_hits = 0;
}

enum trw_status
trw_evidence_hit_add(
	struct trw_evidence *ev, const struct trw_evidence_hit *hit, struct trw_err *err)
{
	size_t n_agreed = strlen(hit->agreed);
	enum trw_status status = trw_store_may_write(ev, err);

	if (status == TRW_OK && ev->n_hits == HELD_MAX)
		status = trw_hits_flush(ev, err);
	if (status < 0)
		return status;
	if (n_agreed >= AGREED_MAX)
		return trw_fail(err, TRW_EUSAGE, "hit of file %" PRId64 ": '%s' is too long",
			hit->file_id, hit->agreed);
	void *v = trw_grow(ev->hits, ev->n_hits, &ev->cap_hits, sizeof(*ev->hits), HELD_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	ev->hits = v;
	struct trw_held_hit *h = &ev->hits[ev->n_hits++];
	*h = (struct trw_held_hit){.file_id = hit->file_id,
		.session_id = hit->session_id,
		.entry_id = hit->entry_id,
		.verdict = hit->verdict,
		.is_alert = hit->is_alert,
		.is_excluded = hit->is_excluded,
		.n_unrecorded = hit->n_unrecorded};
	memcpy(h->agreed, hit->agreed, n_agreed + 1);
	return TRW_OK;
}
