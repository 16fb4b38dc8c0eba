/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "evidence/store.h"
#include "evidence/pending.h"

#include <stdlib.h>

static enum trw_status
bind_args(struct trw_evidence *ev, sqlite3_stmt *stmt, const struct trw_evidence_cell *args,
	size_t n, struct trw_err *err)
{
	if (n > (size_t)sqlite3_bind_parameter_count(stmt))
		return trw_fail(err, TRW_EUSAGE, "%zu arguments for a query that takes %d", n,
			sqlite3_bind_parameter_count(stmt));
	for (size_t i = 0; i < n; i++) {
		int at = (int)i + 1;
		int rc = args[i].text == NULL ? sqlite3_bind_int64(stmt, at, args[i].number)
					      : sqlite3_bind_text64(stmt, at, args[i].text,
							args[i].len, SQLITE_STATIC, SQLITE_UTF8);
		if (rc != SQLITE_OK)
			return trw_store_fail(ev, rc, err);
	}
	return TRW_OK;
}

/* The number is taken first: asking for the text may convert the value in place. */
static bool
fill_cells(sqlite3_stmt *stmt, struct trw_evidence_cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int at = (int)i, type = sqlite3_column_type(stmt, at);
		cells[i] = (struct trw_evidence_cell){0};
		if (type == SQLITE_NULL)
			continue;
		if (type == SQLITE_INTEGER)
			cells[i].number = sqlite3_column_int64(stmt, at);
		cells[i].text = (const char *)sqlite3_column_text(stmt, at);
		cells[i].len = (size_t)sqlite3_column_bytes(stmt, at);
		if (cells[i].text == NULL)
			return false;
	}
	return true;
}

enum trw_status
trw_evidence_query(struct trw_evidence *ev, const char *sql, const struct trw_evidence_cell *args,
	size_t n_args, trw_evidence_row row, void *ctx, struct trw_err *err)
{
	struct trw_evidence_cell *cells = NULL;
	sqlite3_stmt *stmt = NULL;
	size_t n;
	int rc = SQLITE_ROW;
	enum trw_status status = trw_pending_flush(ev, err);

	if (status < 0 || (status = trw_store_prepare(ev, sql, &stmt, err)) < 0)
		return status;
	if (sqlite3_stmt_readonly(stmt) == 0) {
		status = trw_fail(err, TRW_EUSAGE, "a query that would write: %s", sql);
		goto out;
	}
	n = (size_t)sqlite3_column_count(stmt);
	cells = trw_alloc(n, sizeof(*cells), err);
	if (cells == NULL) {
		status = TRW_ENOMEM;
		goto out;
	}
	status = bind_args(ev, stmt, args, n_args, err);
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!fill_cells(stmt, cells, n)) {
			status = trw_fail(err, TRW_ENOMEM, "%s: out of memory", ev->path);
			break;
		}
		status = row(ctx, cells, n, err);
	}
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	if (status == TRW_END)
		status = TRW_OK;
out:
	(void)sqlite3_finalize(stmt);
	free(cells);
	return status;
}
