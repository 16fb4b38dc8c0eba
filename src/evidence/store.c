/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/store.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is_disk_full(sqlite3 *db, int rc)
{
	int code = sqlite3_system_errno(db);

	if ((rc & 0xff) == SQLITE_FULL)
		return true;
	return (rc & 0xff) == SQLITE_IOERR && (code == ENOSPC || code == EFBIG || code == EDQUOT);
}

/*
 * SQLite rolls the whole transaction back by itself after some failures (disk full, I/O error, out of
 * memory). What the caller has handed over since the last commit is then gone, so no later row may be
 * written as if nothing had happened.
 */
static void
note_rollback(struct trw_evidence *ev)
{
	if (ev->mode != TRW_EVIDENCE_READ && sqlite3_get_autocommit(ev->db) != 0)
		ev->is_broken = true;
}

enum trw_status
trw_store_fail(struct trw_evidence *ev, int rc, struct trw_err *err)
{
	note_rollback(ev);
	if (is_disk_full(ev->db, rc))
		return trw_fail(err, TRW_EDB,
			"%s: disk full: free space on its file system or use another one",
			ev->path);
	if (sqlite3_extended_errcode(ev->db) ==
		SQLITE_IOERR_WRITE) /* SQLite may have lost errno by now */
		return trw_fail(err, TRW_EDB,
			"%s: cannot be written: a file size limit, a quota or a failing disk",
			ev->path);
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return trw_fail(err, TRW_ENOMEM, "%s: out of memory", ev->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return trw_fail(err, TRW_EUSAGE,
			"%s: another program is using it: wait until that ends", ev->path);
	case SQLITE_NOTADB:
		return trw_fail(err, TRW_EUSAGE, "%s: not an evidence database", ev->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return trw_fail(err, TRW_EDB,
			"%s: read-only: allow writing to it and its directory", ev->path);
	case SQLITE_CORRUPT:
		return trw_fail(err, TRW_ECORRUPT, "%s: the database is damaged: %s", ev->path,
			sqlite3_errmsg(ev->db));
	default:
		return trw_fail(err, TRW_EDB, "%s: database error %d: %s", ev->path, rc,
			sqlite3_errmsg(ev->db));
	}
}

enum trw_status
trw_store_exec(struct trw_evidence *ev, const char *sql, struct trw_err *err)
{
	int rc = sqlite3_exec(ev->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? TRW_OK : trw_store_fail(ev, rc, err);
}

enum trw_status
trw_store_exec_all(struct trw_evidence *ev, const char *const *sql, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	while (status == TRW_OK && *sql != NULL)
		status = trw_store_exec(ev, *sql++, err);
	return status;
}

enum trw_status
trw_store_prepare(struct trw_evidence *ev, const char *sql, sqlite3_stmt **out, struct trw_err *err)
{
	int rc = sqlite3_prepare_v2(ev->db, sql, -1, out, NULL);

	return rc == SQLITE_OK ? TRW_OK : trw_store_fail(ev, rc, err);
}

enum trw_status
trw_store_run(struct trw_evidence *ev, const char *sql, const int64_t *args, int n_args,
	int64_t absent, int64_t *out, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, sql, &stmt, err);
	int rc;

	if (status < 0)
		return status;
	for (int i = 0; i < n_args && i < sqlite3_bind_parameter_count(stmt); i++)
		(void)sqlite3_bind_int64(stmt, i + 1, args[i]);
	if (out != NULL)
		*out = absent;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && out != NULL && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

enum trw_status
trw_store_number(
	struct trw_evidence *ev, const char *sql, int64_t absent, int64_t *out, struct trw_err *err)
{
	return trw_store_run(ev, sql, NULL, 0, absent, out, err);
}

enum trw_status
trw_store_may_write(struct trw_evidence *ev, struct trw_err *err)
{
	if (ev->mode == TRW_EVIDENCE_READ)
		return trw_fail(err, TRW_EUSAGE, "%s: opened for reading only", ev->path);
	if (ev->is_broken)
		return trw_fail(err, TRW_EDB,
			"%s: an earlier failure has undone rows: the run cannot go on", ev->path);
	return TRW_OK;
}

enum trw_status
trw_store_may_run(struct trw_evidence *ev, struct trw_err *err)
{
	if (ev->schema == TRW_EVIDENCE_SCHEMA)
		return TRW_OK;
	return trw_fail(err, TRW_EUSAGE,
		"%s: written by an earlier version (schema %" PRId64
		"), which is only read and matched: index into a new database",
		ev->path, ev->schema);
}

enum trw_status
trw_bind_start(struct trw_evidence *ev, enum trw_stmt slot, const char *sql, struct trw_bind *row,
	struct trw_err *err)
{
	enum trw_status status = trw_store_may_write(ev, err);

	if (status < 0)
		return status;
	if (ev->stmts[slot] == NULL) {
		int rc = sqlite3_prepare_v3(
			ev->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &ev->stmts[slot], NULL);
		if (rc != SQLITE_OK)
			return trw_store_fail(ev, rc, err);
	}
	*row = (struct trw_bind){.ev = ev, .stmt = ev->stmts[slot], .rc = SQLITE_OK};
	return TRW_OK;
}

static void
bound(struct trw_bind *row, int rc)
{
	if (row->rc == SQLITE_OK)
		row->rc = rc;
}

void
trw_bind_int(struct trw_bind *row, int64_t v)
{
	bound(row, sqlite3_bind_int64(row->stmt, ++row->column, v));
}

void
trw_bind_bits(struct trw_bind *row, uint64_t v)
{
	int64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	trw_bind_int(row, bits);
}

void
trw_bind_length(struct trw_bind *row, uint64_t v)
{
	trw_bind_int(row, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void
trw_bind_id(struct trw_bind *row, int64_t v)
{
	if (v == 0)
		trw_bind_null(row);
	else
		trw_bind_int(row, v);
}

void
trw_bind_time(struct trw_bind *row, int64_t v)
{
	if (v == TRW_TIME_ABSENT)
		trw_bind_null(row);
	else
		trw_bind_int(row, v);
}

void
trw_bind_maybe(struct trw_bind *row, uint64_t v)
{
	if (v == TRW_NUMBER_ABSENT)
		trw_bind_null(row);
	else
		trw_bind_bits(row, v);
}

void
trw_bind_null(struct trw_bind *row)
{
	bound(row, sqlite3_bind_null(row->stmt, ++row->column));
}

void
trw_bind_text(struct trw_bind *row, const char *s)
{
	bound(row, sqlite3_bind_text64(row->stmt, ++row->column, s, s == NULL ? 0 : strlen(s),
			   SQLITE_STATIC, SQLITE_UTF8));
}

static bool
is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

static bool
has_control(struct trw_bytes s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]))
			return true;
	return false;
}

/* A copy that SQLite frees. */
static void
bind_copy(struct trw_bind *row, struct trw_bytes s, bool is_line)
{
	char *shown = trw_utf8_display(s.p, s.n, NULL);

	row->column++;
	if (shown == NULL) {
		bound(row, SQLITE_NOMEM);
		return;
	}
	for (char *c = shown; is_line && *c != '\0'; c++)
		if (is_control((uint8_t)*c))
			*c = ' ';
	bound(row, sqlite3_bind_text64(
			   row->stmt, row->column, shown, strlen(shown), free, SQLITE_UTF8));
}

static void
bind_bytes(struct trw_bind *row, struct trw_bytes s)
{
	bound(row, sqlite3_bind_text64(row->stmt, ++row->column, (const char *)s.p, s.n,
			   SQLITE_STATIC, SQLITE_UTF8));
}

void
trw_bind_shown(struct trw_bind *row, struct trw_bytes s)
{
	if (s.n == 0)
		trw_bind_null(row);
	else if (trw_utf8_valid(s.p, s.n))
		bind_bytes(row, s);
	else
		bind_copy(row, s, false);
}

void
trw_bind_line(struct trw_bind *row, struct trw_bytes s)
{
	if (s.n > 0 && has_control(s))
		bind_copy(row, s, true);
	else
		trw_bind_shown(row, s);
}

void
trw_bind_raw(struct trw_bind *row, struct trw_bytes s, bool is_due)
{
	bool is_text = s.n == 0 || trw_utf8_valid(s.p, s.n);

	if (s.n == 0)
		trw_bind_text(row, is_due ? "" : NULL);
	else if (is_text)
		bind_bytes(row, s);
	else
		bind_copy(row, s, false);
	trw_bind_blob(row, is_text ? NULL : s.p, is_text ? 0 : s.n);
}

void
trw_bind_blob(struct trw_bind *row, const uint8_t *p, size_t n)
{
	bound(row, sqlite3_bind_blob64(row->stmt, ++row->column, p, n, SQLITE_STATIC));
}

enum trw_status
trw_bind_end(struct trw_bind *row, struct trw_err *err)
{
	int rc = row->rc;
	enum trw_status status = TRW_OK;

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(row->stmt);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW)
			status = trw_store_fail(row->ev, rc, err);
	} else {
		status = trw_store_fail(row->ev, rc, err);
	}
	(void)sqlite3_reset(row->stmt); /* repeats the failure of step, which is reported */
	return status;
}

void
trw_encode_columns(struct trw_encoder *e, sqlite3_stmt *stmt, int first, int n)
{
	trw_encode_row(e);
	for (int i = first; i < first + n; i++) {
		sqlite3_value *v = sqlite3_column_value(stmt, i);
		switch (sqlite3_value_type(v)) {
		case SQLITE_INTEGER:
			trw_encode_int(e, sqlite3_value_int64(v));
			break;
		case SQLITE_TEXT: {
			const char *s = (const char *)sqlite3_value_text(v);
			trw_encode_text(e, s, (size_t)sqlite3_value_bytes(v));
			break;
		}
		case SQLITE_BLOB: {
			const void *p = sqlite3_value_blob(v);
			trw_encode_blob(e, p == NULL ? "" : p, (size_t)sqlite3_value_bytes(v));
			break;
		}
		default:
			trw_encode_null(e);
		}
	}
}
