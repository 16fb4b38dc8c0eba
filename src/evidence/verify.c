/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "evidence/audit.h"
#include "evidence/canonical.h"
#include "evidence/content.h"
#include "evidence/ledger.h"
#include "evidence/schema.h"
#include "evidence/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verify {
	struct trw_evidence *ev;
	void (*report)(void *ctx, const char *line);
	void *ctx;
	size_t n_findings;
};

static void found(struct verify *v, const char *fmt, ...) TRW_PRINTF(2, 3);

static void
found(struct verify *v, const char *fmt, ...)
{
	char line[TRW_ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->n_findings++;
	v->report(v->ctx, line);
}

static const char *
text_of(sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s == NULL ? "" : s;
}

/* Each row of sql is a finding: its one column says which. */
static enum trw_status
findings(struct verify *v, const char *sql, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(v->ev, sql, &stmt, err);
	int rc;

	if (status < 0)
		return status;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		found(v, "%s", text_of(stmt, 0));
	if (rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
check_pages(struct verify *v, struct trw_err *err)
{
	enum trw_status status = findings(v,
		"SELECT 'integrity_check: ' || integrity_check FROM pragma_integrity_check"
		" WHERE integrity_check <> 'ok'",
		err);

	return status < 0
		       ? status
		       : findings(v,
				 "SELECT 'table ' || \"table\" || ' row ' || coalesce(rowid, '(no number)') ||"
				 " ': refers to a row of ' || parent || ' that is not there' FROM pragma_foreign_key_check",
				 err);
}

static int
run_texts(sqlite3 *db, int64_t version, const char *const *sql)
{
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && *sql != NULL)
		rc = sqlite3_exec(db, trw_schema_statement(version, *sql++), NULL, NULL, NULL);
	return rc;
}

/* A database in memory with that version of the schema. */
static enum trw_status
model_open(int64_t version, sqlite3 **out, sqlite3_stmt **lookup, sqlite3_stmt **count,
	struct trw_err *err)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(":memory:", &db) == SQLITE_OK &&
		run_texts(db, version, trw_schema_tables) == SQLITE_OK &&
		run_texts(db, version, trw_schema_views) == SQLITE_OK &&
		sqlite3_prepare_v2(db,
			"SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ? AND sql IS ?", -1,
			lookup, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(db, "SELECT count(*) FROM sqlite_schema", -1, count, NULL) ==
			SQLITE_OK) {
		*out = db;
		return TRW_OK;
	}
	(void)sqlite3_finalize(*lookup);
	(void)sqlite3_close_v2(db);
	return trw_fail(err, TRW_ENOMEM, "out of memory for the model of the schema");
}

/* Views and triggers decide what a reader sees: the schema must be word for word ours. */
static enum trw_status
check_schema(struct verify *v, struct trw_err *err)
{
	sqlite3 *model = NULL;
	sqlite3_stmt *lookup = NULL, *count = NULL, *stmt = NULL;
	int64_t n = 0;
	int rc = SQLITE_DONE;
	enum trw_status status = model_open(v->ev->schema, &model, &lookup, &count, err);

	if (status < 0)
		return status;
	status = trw_store_prepare(v->ev, "SELECT type, name, sql FROM sqlite_schema", &stmt, err);
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		n++;
		(void)sqlite3_reset(lookup);
		for (int i = 0; i < 3; i++)
			(void)sqlite3_bind_value(lookup, i + 1, sqlite3_column_value(stmt, i));
		if (sqlite3_step(lookup) != SQLITE_ROW)
			found(v, "schema: %s %s is not as trowel makes it", text_of(stmt, 0),
				text_of(stmt, 1));
	}
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
	if (status == TRW_OK && sqlite3_step(count) == SQLITE_ROW &&
		sqlite3_column_int64(count, 0) != n)
		found(v, "schema: %" PRId64 " tables, views and indexes instead of %lld", n,
			(long long)sqlite3_column_int64(count, 0));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_finalize(lookup);
	(void)sqlite3_finalize(count);
	(void)sqlite3_close_v2(model);
	return status;
}

static bool
is_hash(sqlite3_stmt *stmt, int column, const uint8_t hash[32])
{
	const void *p = sqlite3_column_blob(stmt, column);

	return p != NULL && sqlite3_column_bytes(stmt, column) == 32 && memcmp(p, hash, 32) == 0;
}

static enum trw_status
check_audit(struct verify *v, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	uint8_t prev[32] = {0};
	int64_t expected = 1;
	enum trw_status status = trw_store_prepare(v->ev,
		"SELECT seq, at_ns, action, detail, prev, hash FROM audit ORDER BY seq", &stmt,
		err);
	int rc;

	if (status < 0)
		return status;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct trw_audit_row row = {.seq = sqlite3_column_int64(stmt, 0),
			.at_ns = sqlite3_column_int64(stmt, 1),
			.action = text_of(stmt, 2),
			.detail = text_of(stmt, 3)};
		uint8_t hash[32];
		if (row.seq != expected)
			found(v, "table audit row %" PRId64 ": rows before it are missing",
				row.seq);
		if (!is_hash(stmt, 4, prev))
			found(v,
				"table audit row %" PRId64
				": does not follow from the row before it",
				row.seq);
		trw_audit_hash(prev, &row, hash);
		if (!is_hash(stmt, 5, hash))
			found(v, "table audit row %" PRId64 ": changed after it was written",
				row.seq);
		memcpy(prev, hash, sizeof(prev));
		expected = row.seq + 1;
	}
	if (rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
	else if (expected == 1)
		found(v, "table audit: empty");
	(void)sqlite3_finalize(stmt);
	return status;
}

/* Compare two details word by word: each word is key=value in the same order. */
static void
compare_details(struct verify *v, int64_t seq, const char *then, const char *now)
{
	while (*then != '\0' || *now != '\0') {
		size_t n = strcspn(then, " "), m = strcspn(now, " ");
		if (n != m || strncmp(then, now, n) != 0)
			found(v, "%s %.*s: is not what audit row %" PRId64 " says: %.*s",
				memchr(now, '.', m) != NULL ? "table" : "digest",
				(int)strcspn(now, "= "), now, seq, n > 160 ? 160 : (int)n, then);
		then += n + (then[n] == ' ');
		now += m + (now[m] == ' ');
	}
}

static enum trw_status
check_digests(struct verify *v, struct trw_err *err)
{
	struct trw_canonical_slices slices;
	sqlite3_stmt *stmt = NULL, *run = NULL;
	char *now = NULL;
	enum trw_status status;
	int rc;

	if ((status = trw_store_prepare(v->ev,
		     "SELECT run_id, status FROM run ORDER BY run_id DESC LIMIT 1", &run, err)) <
			0 ||
		(status = trw_store_prepare(v->ev, TRW_AUDIT_LAST_END, &stmt, err)) < 0)
		goto out;
	rc = sqlite3_step(run);
	if (rc == SQLITE_DONE) {
		found(v, "table run: empty");
		goto out;
	}
	if (rc != SQLITE_ROW) {
		status = trw_store_fail(v->ev, rc, err);
		goto out;
	}
	if (strcmp(text_of(run, 1), "running") == 0)
		goto out; /* said by check_runs; there is nothing to compare with yet */
	if ((status = trw_canonical_slices(v->ev, &slices, err)) < 0 ||
		(status = trw_canonical_detail(v->ev, sqlite3_column_int64(run, 0), text_of(run, 1),
			 &slices, &now, err)) < 0)
		goto out;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		compare_details(v, sqlite3_column_int64(stmt, 0), text_of(stmt, 1), now);
	else if (rc == SQLITE_DONE)
		found(v, "table audit: no row says how run %lld ended",
			(long long)sqlite3_column_int64(run, 0));
	else
		status = trw_store_fail(v->ev, rc, err);
out:
	(void)sqlite3_finalize(run);
	(void)sqlite3_finalize(stmt);
	free(now);
	return status;
}

static enum trw_status
check_runs(struct verify *v, struct trw_err *err)
{
	return findings(v,
		"SELECT 'table run row ' || run_id || ': ' || CASE status WHEN 'running' THEN"
		" 'incomplete: the program was killed' ELSE 'ended as ' || status END FROM run"
		" WHERE status <> 'complete'",
		err);
}

static enum trw_status
damage_of(struct trw_evidence *ev, sqlite3_stmt *stmt, int64_t file_id, struct trw_ranges *out,
	struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	int rc;

	(void)sqlite3_reset(stmt);
	(void)sqlite3_bind_int64(stmt, 1, file_id);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && status == TRW_OK)
		status = trw_ranges_add(out, (uint64_t)sqlite3_column_int64(stmt, 0),
			(uint64_t)sqlite3_column_int64(stmt, 1),
			strcmp(text_of(stmt, 2), "missing") == 0 ? TRW_DAMAGE_MISSING
								 : TRW_DAMAGE_SUBSTITUTED,
			err);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	return status;
}

/* The digest in a column, when it has n bytes. */
static bool
take_digest(sqlite3_stmt *stmt, int column, uint8_t *out, size_t n)
{
	const void *p = sqlite3_column_blob(stmt, column);

	if (p == NULL || (size_t)sqlite3_column_bytes(stmt, column) != n)
		return false;
	memcpy(out, p, n);
	return true;
}

/* Does the id follow from the row's fields? */
static enum trw_status
check_content(struct verify *v, sqlite3_stmt *stmt, sqlite3_stmt *damage, struct trw_err *err)
{
	struct trw_content_row c = {.file_id = sqlite3_column_int64(stmt, 0),
		.state = (enum trw_digest_state)sqlite3_column_int(stmt, 1),
		.size = (uint64_t)sqlite3_column_int64(stmt, 2)};
	int n = take_digest(stmt, 3, c.digests.md5, sizeof(c.digests.md5)) +
		take_digest(stmt, 4, c.digests.sha1, sizeof(c.digests.sha1)) +
		take_digest(stmt, 5, c.digests.sha256, sizeof(c.digests.sha256));
	enum trw_status status = c.state == TRW_DIGEST_COMPLETE
					 ? TRW_OK
					 : damage_of(v->ev, damage, c.file_id, &c.damage, err);

	if (status == TRW_OK && sqlite3_column_int64(stmt, 6) != trw_content_id(&c))
		found(v, "table content row %" PRId64 ": its id does not follow from its fields",
			c.file_id);
	if (c.state != TRW_DIGEST_NONE && n < 3)
		found(v, "table content row %" PRId64 ": a digest is missing", c.file_id);
	if (c.state == TRW_DIGEST_NONE && n > 0)
		found(v, "table content row %" PRId64 ": a digest of what was not read", c.file_id);
	trw_ranges_clear(&c.damage);
	return status;
}

static enum trw_status
check_contents(struct verify *v, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL, *damage = NULL;
	enum trw_status status;
	int rc = SQLITE_DONE;

	if ((status = trw_store_prepare(v->ev,
		     "SELECT file_id, state, size, md5, sha1, sha256, content_id FROM content",
		     &stmt, err)) < 0 ||
		(status = trw_store_prepare(v->ev,
			 "SELECT off, len, why FROM content_damage WHERE file_id = ? ORDER BY off",
			 &damage, err)) < 0)
		goto out;
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		status = check_content(v, stmt, damage, err);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
	if (status == TRW_OK)
		status = findings(v,
			"SELECT 'table content_damage row ' || file_id || ': damage of a content that says"
			" complete' FROM content_damage JOIN content USING (file_id) WHERE state = 0",
			err);
out:
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_finalize(damage);
	return status;
}

/* One image's ledger against its rows. */
static enum trw_status
check_image_ledger(struct verify *v, int64_t image_id, struct trw_err *err)
{
	static const char *const checks[] = {
		"SELECT 'bytes by outcome add up to ' || coalesce(sum(bytes), 0) || ' of ' || (SELECT size FROM image"
		" WHERE image_id = ?1) FROM ledger WHERE image_id = ?1 AND item = 'bytes'"
		" HAVING coalesce(sum(bytes), 0) <> (SELECT size FROM image WHERE image_id = ?1)",
		"SELECT 'names ' || outcome || ': ' || n || ' by the rows of the database' FROM"
		" (SELECT * FROM (" TRW_LEDGER_NAMES ") EXCEPT SELECT outcome, count FROM ledger"
		" WHERE image_id = ?1 AND item = 'names')",
		"SELECT 'names ' || outcome || ': ' || count || ' by the ledger' FROM (SELECT outcome, count FROM ledger"
		" WHERE image_id = ?1 AND item = 'names' EXCEPT SELECT * FROM (" TRW_LEDGER_NAMES
		"))",
		"SELECT 'names seen ' || (" TRW_LEDGER_SEEN
		") || ', accounted for ' || (" TRW_LEDGER_ACCOUNTED ") WHERE (" TRW_LEDGER_SEEN
		") <> (" TRW_LEDGER_ACCOUNTED ")"};
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && status == TRW_OK; i++) {
		sqlite3_stmt *stmt = NULL;
		int rc;
		if ((status = trw_store_prepare(v->ev, checks[i], &stmt, err)) < 0)
			break;
		(void)sqlite3_bind_int64(stmt, 1, image_id);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			found(v, "table ledger image %" PRId64 ": %s", image_id, text_of(stmt, 0));
		if (rc != SQLITE_DONE)
			status = trw_store_fail(v->ev, rc, err);
		(void)sqlite3_finalize(stmt);
	}
	return status;
}

static enum trw_status
check_ledgers(struct verify *v, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(v->ev,
		"SELECT image_id FROM image JOIN run USING (run_id) WHERE status <> 'running'",
		&stmt, err);
	int rc = SQLITE_DONE;

	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		status = check_image_ledger(v, sqlite3_column_int64(stmt, 0), err);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
check_parents(struct verify *v, struct trw_err *err)
{
	return findings(v,
		"SELECT 'table file row ' || f.file_id || ': its parent ' || f.parent_id || ' is not a file of its"
		" file system' FROM file AS f LEFT JOIN file AS p ON p.file_id = f.parent_id"
		" WHERE f.parent_id IS NOT NULL AND p.filesystem_id IS NOT f.filesystem_id",
		err);
}

/* The counts of each set in each session that has ended, against its hits. */
static enum trw_status
check_counts(struct verify *v, struct trw_err *err)
{
	static const char sql[] =
		"SELECT u.hashset_id FROM session_set AS u LEFT JOIN (" TRW_SESSION_COUNTS
		") AS c USING (hashset_id) WHERE u.session_id = ?1 AND (u.n_match, u.n_conflict,"
		" u.n_damaged, u.n_alert, u.n_excluded, u.n_unrecorded) IS NOT (coalesce(c.n_match, 0),"
		" coalesce(c.n_conflict, 0), coalesce(c.n_damaged, 0), coalesce(c.n_alert, 0),"
		" coalesce(c.n_excluded, 0), coalesce(c.n_unrecorded, 0))";
	sqlite3_stmt *sessions = NULL, *stmt = NULL;
	int rc = SQLITE_DONE, rc_set = SQLITE_DONE;
	enum trw_status status;

	if ((status = trw_store_prepare(v->ev,
		     "SELECT session_id FROM match_session WHERE status <> 'running'", &sessions,
		     err)) < 0 ||
		(status = trw_store_prepare(v->ev, sql, &stmt, err)) < 0)
		goto out;
	while (rc_set == SQLITE_DONE && (rc = sqlite3_step(sessions)) == SQLITE_ROW) {
		int64_t session_id = sqlite3_column_int64(sessions, 0);
		(void)sqlite3_reset(stmt);
		(void)sqlite3_bind_int64(stmt, 1, session_id);
		while ((rc_set = sqlite3_step(stmt)) == SQLITE_ROW)
			found(v,
				"table session_set session %" PRId64
				" set %lld: its counts are not those of"
				" its hits",
				session_id, (long long)sqlite3_column_int64(stmt, 0));
	}
	if (rc_set != SQLITE_DONE)
		rc = rc_set;
	if (rc != SQLITE_DONE)
		status = trw_store_fail(v->ev, rc, err);
out:
	(void)sqlite3_finalize(sessions);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
check_matches(struct verify *v, struct trw_err *err)
{
	static const char *const checks[] = {
		"SELECT 'table hit file ' || h.file_id || ' session ' || h.session_id || ': by a set that the session"
		" does not have' FROM hit AS h WHERE NOT EXISTS (SELECT 1 FROM"
		" session_set AS u WHERE u.session_id = h.session_id AND u.hashset_id = h.entry_id >> 32)",
		"SELECT 'table hit file ' || h.file_id || ' session ' || h.session_id || ': its entry is not there'"
		" FROM hit AS h JOIN match_session AS s USING (session_id) WHERE s.status <> 'running'"
		" AND NOT EXISTS (SELECT 1 FROM set_entry AS e WHERE e.entry_id = h.entry_id)",
		"SELECT 'table hit file ' || h.file_id || ' session ' || h.session_id || ': ' || h.verdict || ' of a"
		" content that is ' || CASE c.state WHEN 0 THEN 'complete' ELSE 'not complete' END FROM hit AS h"
		" JOIN content AS c USING (file_id) WHERE (h.verdict = 'damaged') <> (c.state <> 0)",
		"SELECT 'table hit file ' || h.file_id || ' session ' || h.session_id || ': a file that the session did"
		" not look at' FROM hit AS h JOIN match_session AS s USING (session_id) WHERE s.status <> 'running'"
		" AND h.file_id NOT BETWEEN s.first_file AND s.last_file",
		"SELECT 'table set_entry row ' || entry_id || ': nothing hit it' FROM set_entry WHERE entry_id NOT IN"
		" (SELECT entry_id FROM hit)",
		"SELECT 'table match_session row ' || session_id || ': ' || s.status || ', but its run is ' || r.status"
		" FROM match_session AS s JOIN run AS r USING (run_id) WHERE s.status <> r.status",
		"SELECT 'table match_session row ' || session_id || ': ended as ' || status FROM match_session"
		" WHERE run_id IS NULL AND status <> 'complete'"};
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && status == TRW_OK; i++)
		status = findings(v, checks[i], err);
	return status < 0 ? status : check_counts(v, err);
}

enum trw_status
trw_evidence_verify(struct trw_evidence *ev, void (*report)(void *ctx, const char *line), void *ctx,
	size_t *n_findings, struct trw_err *err)
{
	static enum trw_status (*const checks[])(struct verify *, struct trw_err *) = {check_pages,
		check_schema, check_runs, check_audit, check_digests, check_contents, check_ledgers,
		check_parents, check_matches};
	struct verify v = {.ev = ev, .report = report, .ctx = ctx};
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		status = checks[i](&v, err);
		/* Damaged pages and missing tables are findings, and the other checks may still tell more. */
		if (status == TRW_ECORRUPT || status == TRW_EDB) {
			found(&v, "%s", err == NULL ? "the database cannot be read" : err->text);
			status = TRW_OK;
		}
		if (status < 0)
			break;
	}
	*n_findings = v.n_findings;
	return status;
}
