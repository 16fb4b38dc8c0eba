/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of its own is one transaction: what is in the way of one is said before it has written anything, and a
 * kill leaves the database as it was. It attests only what it has written: the digests of everything else
 * are carried over from the last row of the audit chain that has them, so that a change which somebody made in between
 * stays as visible as it was; and the tables that it adds to must be what that row says.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "evidence/audit.h"
#include "evidence/pending.h"
#include "evidence/canonical.h"
#include "evidence/session.h"

#include <stdlib.h>
#include <string.h>

#define HASHSETS_MAX ((int64_t)INT32_MAX) /* entry_id has 31 bits for them */

/* The row of this identity: *id stays 0 when there is none. */
static enum trw_status
hashset_find(struct trw_evidence *ev, const uint8_t identity[32], int64_t *id, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(
		ev, "SELECT hashset_id FROM hashset WHERE identity = ?", &stmt, err);
	int rc;

	if (status < 0)
		return status;
	*id = 0;
	(void)sqlite3_bind_blob(stmt, 1, identity, 32, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
hashset_add(struct trw_evidence *ev, const struct trw_evidence_set *set, int64_t *id,
	struct trw_err *err)
{
	struct trw_bind row;
	int64_t last;
	enum trw_status status;

	if ((status = trw_store_number(ev, "SELECT max(hashset_id) FROM hashset", 0, &last, err)) <
		0)
		return status;
	if (last >= HASHSETS_MAX)
		return trw_fail(err, TRW_ELIMIT, "%s: too many hash sets", ev->path);
	if ((status = trw_bind_start(ev, TRW_STMT_HASHSET,
		     "INSERT INTO hashset (hashset_id, list_id, name, version, class, marks, n_entries, n_usable,"
		     " identity, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		     &row, err)) < 0)
		return status;
	*id = last + 1;
	trw_bind_int(&row, *id);
	trw_bind_text(&row, set->list_id);
	trw_bind_text(&row, set->name);
	trw_bind_text(&row, set->version);
	trw_bind_text(&row, set->class);
	trw_bind_text(&row, set->marks);
	trw_bind_length(&row, set->n_entries);
	trw_bind_length(&row, set->n_usable);
	trw_bind_blob(&row, set->identity, 32);
	trw_bind_text(&row, set->file);
	return trw_bind_end(&row, err);
}

static enum trw_status
session_set_add(
	struct trw_evidence *ev, int64_t session_id, int64_t hashset_id, struct trw_err *err)
{
	int64_t args[2] = {session_id, hashset_id};

	return trw_store_run(ev, "INSERT INTO session_set (session_id, hashset_id) VALUES (?1, ?2)",
		args, 2, 0, NULL, err);
}

/* A row for the session, and one for each set of it; the sets have theirs. */
static enum trw_status
session_add(struct trw_evidence *ev, const struct trw_evidence_session *s,
	const int64_t *hashset_ids, int64_t *session_id, struct trw_err *err)
{
	struct trw_bind row;
	int64_t last, last_file;
	enum trw_status status;

	if ((status = trw_store_number(
		     ev, "SELECT max(session_id) FROM match_session", 0, &last, err)) < 0 ||
		(status = trw_store_number(
			 ev, "SELECT max(file_id) FROM file", 0, &last_file, err)) < 0 ||
		(status = trw_bind_start(ev, TRW_STMT_SESSION,
			 "INSERT INTO match_session (session_id, run_id, status, tool_version, options, first_file,"
			 " started_ns, examiner, host) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?)",
			 &row, err)) < 0)
		return status;
	trw_bind_int(&row, last + 1);
	trw_bind_id(&row, s->run_id);
	trw_bind_text(&row, s->tool_version);
	trw_bind_text(&row, s->options);
	trw_bind_int(&row, s->run_id == 0 ? 1 : last_file + 1);
	trw_bind_int(&row, trw_now_ns());
	trw_bind_text(&row, s->examiner);
	trw_bind_text(&row, s->host);
	status = trw_bind_end(&row, err);
	for (size_t i = 0; i < s->n_sets && status == TRW_OK; i++)
		status = session_set_add(ev, last + 1, hashset_ids[i], err);
	*session_id = last + 1;
	return status;
}

enum trw_status
trw_evidence_session_begin(struct trw_evidence *ev, const struct trw_evidence_session *s,
	int64_t *session_id, int64_t *hashset_ids, struct trw_err *err)
{
	enum trw_status status = trw_store_may_write(ev, err);

	for (size_t i = 0; i < s->n_sets && status == TRW_OK; i++) {
		status = hashset_find(ev, s->sets[i].identity, &hashset_ids[i], err);
		if (status == TRW_OK && hashset_ids[i] == 0)
			status = hashset_add(ev, &s->sets[i], &hashset_ids[i], err);
	}
	*session_id = 0;
	if (status == TRW_OK && s->run_id != 0)
		status = trw_store_run(ev, "SELECT session_id FROM match_session WHERE run_id = ?1",
			&s->run_id, 1, 0, session_id, err);
	if (status == TRW_OK && *session_id == 0)
		status = session_add(ev, s, hashset_ids, session_id, err);
	return status;
}

enum trw_status
trw_session_end(
	struct trw_evidence *ev, int64_t session_id, const char *status_text, struct trw_err *err)
{
	static const char zero_sql[] =
		"UPDATE session_set SET n_match = 0, n_conflict = 0, n_damaged = 0, n_alert = 0,"
		" n_excluded = 0, n_unrecorded = 0 WHERE session_id = ?1";
	static const char count_sql[] =
		"UPDATE session_set SET n_match = c.n_match, n_conflict = c.n_conflict,"
		" n_damaged = c.n_damaged, n_alert = c.n_alert, n_excluded = c.n_excluded,"
		" n_unrecorded = c.n_unrecorded"
		" FROM (" TRW_SESSION_COUNTS ") AS c WHERE session_set.session_id = ?1"
		" AND session_set.hashset_id = c.hashset_id";
	struct trw_bind row;
	enum trw_status status;

	if ((status = trw_pending_flush(ev, err)) < 0 ||
		(status = trw_store_run(ev, zero_sql, &session_id, 1, 0, NULL, err)) < 0 ||
		(status = trw_store_run(ev, count_sql, &session_id, 1, 0, NULL, err)) < 0 ||
		(status = trw_bind_start(ev, TRW_STMT_SESSION_END,
			 "UPDATE match_session SET status = ?, ended_ns = ?,"
			 " last_file = (SELECT coalesce(max(file_id), 0) FROM file), n_contents ="
			 " (SELECT count(*) FROM content WHERE file_id >= first_file AND state <> 3)"
			 " WHERE session_id = ?",
			 &row, err)) < 0)
		return status;
	trw_bind_text(&row, status_text);
	trw_bind_int(&row, trw_now_ns());
	trw_bind_int(&row, session_id);
	return trw_bind_end(&row, err);
}

enum trw_status
trw_session_end_run(
	struct trw_evidence *ev, int64_t run_id, const char *status_text, struct trw_err *err)
{
	int64_t session_id;
	enum trw_status status =
		trw_store_run(ev, "SELECT session_id FROM match_session WHERE run_id = ?1", &run_id,
			1, 0, &session_id, err);

	return status < 0 || session_id == 0 ? status
					     : trw_session_end(ev, session_id, status_text, err);
}

/* ---- a session of its own ---- */

static enum trw_status
check_last_run(struct trw_evidence *ev, struct trw_err *err)
{
	int64_t is_complete;
	enum trw_status status = trw_store_number(ev,
		"SELECT status = 'complete' FROM run ORDER BY run_id DESC LIMIT 1", -1,
		&is_complete, err);

	if (status < 0 || is_complete > 0)
		return status;
	if (is_complete < 0)
		return trw_fail(err, TRW_EUSAGE, "%s: has no run: nothing is indexed", ev->path);
	return trw_fail(err, TRW_EUSAGE,
		"%s: its last run did not complete: go on with --resume of trowel index, then match",
		ev->path);
}

static enum trw_status
audit_begin(struct trw_evidence *ev, const struct trw_evidence_session *s, int64_t session_id,
	struct trw_err *err)
{
	struct trw_buf b = {0};
	char *head = trw_format(err, "session=%" PRId64 " version=%s%s%s sets=", session_id,
		s->tool_version, s->options[0] == '\0' ? "" : " ", s->options);
	enum trw_status status =
		head == NULL ? TRW_ENOMEM : trw_buf_put(&b, head, strlen(head), err);

	for (size_t i = 0; i < s->n_sets && status == TRW_OK; i++) {
		char hex[66];
		trw_hex(s->sets[i].identity, 32, hex + 1);
		hex[0] = ',';
		status = trw_buf_put(&b, i == 0 ? hex + 1 : hex, i == 0 ? 64 : 65, err);
	}
	if (status == TRW_OK)
		status = trw_buf_put(&b, "", 1, err);
	if (status == TRW_OK)
		status = trw_evidence_audit(ev, "match begin", (const char *)b.v, err);
	trw_buf_clear(&b);
	free(head);
	return status;
}

enum trw_status
trw_evidence_match_begin(struct trw_evidence *ev, const struct trw_evidence_session *s,
	int64_t *session_id, int64_t *hashset_ids, struct trw_err *err)
{
	char *then = NULL;
	enum trw_status status;

	if ((status = trw_evidence_commit(ev, err)) < 0 || (status = check_last_run(ev, err)) < 0 ||
		(status = trw_audit_last_end(ev, &then, err)) < 0 ||
		(status = trw_canonical_confirm(ev, then, err)) < 0)
		goto out;
	if ((status = trw_evidence_session_begin(ev, s, session_id, hashset_ids, err)) < 0 ||
		(status = audit_begin(ev, s, *session_id, err)) < 0)
		trw_evidence_abandon(ev);
out:
	free(then);
	return status;
}

enum trw_status
trw_evidence_match_end(struct trw_evidence *ev, int64_t session_id, struct trw_err *err)
{
	char *then = NULL, *now = NULL;
	enum trw_status status;

	if ((status = trw_session_end(ev, session_id, "complete", err)) < 0 ||
		(status = trw_audit_last_end(ev, &then, err)) < 0 ||
		(status = trw_canonical_renew(ev, then, &now, err)) < 0 ||
		(status = trw_evidence_audit(ev, TRW_AUDIT_MATCH_END, now, err)) < 0 ||
		(status = trw_evidence_commit(ev, err)) < 0)
		trw_evidence_abandon(ev);
	free(then);
	free(now);
	return status;
}

void
trw_evidence_abandon(struct trw_evidence *ev)
{
	ev->is_broken = true;
}

/* ---- reading ---- */

/* A digest of a column; false unless it has n bytes. */
static bool
take_digest(sqlite3_stmt *stmt, int column, uint8_t *out, size_t n)
{
	const void *p = sqlite3_column_blob(stmt, column);

	if (sqlite3_column_type(stmt, column) != SQLITE_BLOB ||
		(size_t)sqlite3_column_bytes(stmt, column) != n)
		return false;
	memcpy(out, p, n);
	return true;
}

static enum trw_status
content_hand_over(struct trw_evidence *ev, sqlite3_stmt *stmt, trw_evidence_content_take take,
	void *ctx, struct trw_err *err)
{
	struct trw_content_row c = {.file_id = sqlite3_column_int64(stmt, 0),
		.state = (enum trw_digest_state)sqlite3_column_int(stmt, 1),
		.size = (uint64_t)sqlite3_column_int64(stmt, 2)};

	if (!take_digest(stmt, 3, c.digests.md5, sizeof(c.digests.md5)) ||
		!take_digest(stmt, 4, c.digests.sha1, sizeof(c.digests.sha1)) ||
		!take_digest(stmt, 5, c.digests.sha256, sizeof(c.digests.sha256)))
		return trw_fail(err, TRW_ECORRUPT,
			"%s: content of file %" PRId64 " has no proper digests: run verify",
			ev->path, c.file_id);
	return take(ctx, &c, err);
}

enum trw_status
trw_evidence_contents(
	struct trw_evidence *ev, trw_evidence_content_take take, void *ctx, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev,
		"SELECT file_id, state, size, md5, sha1, sha256 FROM content WHERE state <> 3"
		" ORDER BY file_id",
		&stmt, err);
	int rc = SQLITE_DONE;

	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		status = content_hand_over(ev, stmt, take, ctx, err);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

enum trw_status
trw_evidence_streams_due(struct trw_evidence *ev, uint64_t *n, struct trw_err *err)
{
	int64_t count = 0;
	enum trw_status status = trw_store_number(
		ev, "SELECT count(*) FROM file WHERE content_source <> 0", 0, &count, err);

	*n = (uint64_t)count;
	return status;
}

enum trw_status
trw_evidence_session_counts(struct trw_evidence *ev, int64_t session_id, int64_t hashset_id,
	struct trw_evidence_counts *out, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev,
		"SELECT total(n_match), total(n_conflict), total(n_damaged), total(n_alert),"
		" total(n_excluded), total(n_unrecorded), (SELECT n_contents FROM match_session WHERE session_id = ?1)"
		" FROM session_set WHERE session_id = ?1 AND ?2 IN (0, hashset_id)",
		&stmt, err);
	int rc;

	if (status < 0)
		return status;
	(void)sqlite3_bind_int64(stmt, 1, session_id);
	(void)sqlite3_bind_int64(stmt, 2, hashset_id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = (struct trw_evidence_counts){
			.n_match = (uint64_t)sqlite3_column_int64(stmt, 0),
			.n_conflict = (uint64_t)sqlite3_column_int64(stmt, 1),
			.n_damaged = (uint64_t)sqlite3_column_int64(stmt, 2),
			.n_alert = (uint64_t)sqlite3_column_int64(stmt, 3),
			.n_excluded = (uint64_t)sqlite3_column_int64(stmt, 4),
			.n_unrecorded = (uint64_t)sqlite3_column_int64(stmt, 5),
			.n_contents = (uint64_t)sqlite3_column_int64(stmt, 6)};
	else
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}
