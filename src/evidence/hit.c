/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries have their place in the set, which is no order at all when a hit is met: whoever expects many leaves them for
 * the end and asks then which are missing.
 */
#include "evidence/store.h"
#include "evidence/pending.h"

#include <string.h>

enum trw_status
trw_evidence_entry_known(
	struct trw_evidence *ev, int64_t entry_id, bool *is_known, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(
		ev, TRW_STMT_ENTRY_KNOWN, "SELECT 1 FROM set_entry WHERE entry_id = ?", &row, err);
	int rc;

	if (status < 0)
		return status;
	trw_bind_int(&row, entry_id);
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
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_ENTRY,
		"INSERT INTO set_entry (entry_id, hashset_id, row, entry, scheme, category, size, md5, sha1,"
		" sha256, properties, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, trw_evidence_entry_id(entry->hashset_id, entry->row));
	trw_bind_int(&row, entry->hashset_id);
	trw_bind_int(&row, entry->row);
	trw_bind_text(&row, entry->entry);
	trw_bind_text(&row, entry->scheme);
	trw_bind_text(&row, entry->category);
	if (entry->has_size)
		trw_bind_length(&row, entry->size);
	else
		trw_bind_null(&row);
	trw_bind_blob(&row, entry->md5, 16);
	trw_bind_blob(&row, entry->sha1, 20);
	trw_bind_blob(&row, entry->sha256, 32);
	trw_bind_text(&row, entry->properties);
	trw_bind_text(&row, entry->marks);
	status = trw_bind_end(&row, err);
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

	if ((status = trw_pending_flush(ev, err)) < 0 ||
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

enum trw_status
trw_evidence_hit_add(
	struct trw_evidence *ev, const struct trw_evidence_hit *hit, struct trw_err *err)
{
	size_t n_agreed = strlen(hit->agreed);
	struct trw_pending_hit h = {.file_id = hit->file_id,
		.session_id = hit->session_id,
		.entry_id = hit->entry_id,
		.verdict = hit->verdict,
		.is_alert = hit->is_alert,
		.is_excluded = hit->is_excluded,
		.n_unrecorded = hit->n_unrecorded};
	enum trw_status status = trw_store_may_write(ev, err);

	if (status < 0)
		return status;
	if (n_agreed >= sizeof(h.agreed))
		return trw_fail(err, TRW_EUSAGE, "hit of file %" PRId64 ": '%s' is too long",
			hit->file_id, hit->agreed);
	memcpy(h.agreed, hit->agreed, n_agreed + 1);
	return trw_hold_hit(ev, &h, err);
}
