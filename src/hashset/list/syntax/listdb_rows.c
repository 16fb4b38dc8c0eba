/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/listdb_rows.h"

static enum trw_status
step(struct trw_listdb_beside *b, struct trw_err *err)
{
	enum trw_status st = trw_listdb_step(b->db, b->stmt, err);

	b->has_row = st == TRW_OK;
	b->is_taken = false;
	return st < 0 ? st : TRW_OK;
}

enum trw_status
trw_listdb_beside_open(
	struct trw_listdb_beside *b, struct trw_listdb *db, const char *sql, struct trw_err *err)
{
	enum trw_status st = trw_listdb_prepare(db, sql, TRW_LISTDB_SORT, &b->stmt, err);

	b->db = db;
	return st == TRW_OK ? step(b, err) : st;
}

void
trw_listdb_beside_close(struct trw_listdb_beside *b)
{
	(void)sqlite3_finalize(b->stmt);
	*b = (struct trw_listdb_beside){0};
}

enum trw_status
trw_listdb_beside_next(
	struct trw_listdb_beside *b, sqlite3_int64 id, bool *is_own, struct trw_err *err)
{
	enum trw_status st = b->is_taken ? step(b, err) : TRW_OK;

	if (st < 0)
		return st;
	if (!b->has_row || sqlite3_column_int64(b->stmt, 0) > id)
		return TRW_END;
	*is_own = sqlite3_column_int64(b->stmt, 0) == id;
	b->is_taken = true;
	return TRW_OK;
}

enum trw_status
trw_listdb_rows(struct trw_list *l, const struct trw_listdb_calls *calls, struct trw_err *err)
{
	struct trw_listdb *db = NULL;
	sqlite3_stmt *rows = NULL;
	uint64_t n = 0;
	enum trw_status st = trw_listdb_open(l->input, &db, err);

	if (st == TRW_OK)
		st = trw_listdb_check(db, err);
	if (st == TRW_OK && (st = calls->open(calls->ctx, db, &rows, err)) == TRW_ECORRUPT)
		st = trw_fail_in(err, "%s", trw_input_name(l->input));
	while (st == TRW_OK && (st = trw_listdb_step(db, rows, err)) == TRW_OK)
		st = calls->row(calls->ctx, rows, ++n, err);
	(void)sqlite3_finalize(rows);
	calls->close(calls->ctx);
	trw_listdb_close(db);
	return st == TRW_END ? TRW_OK : st;
}

void
trw_listdb_draft_digest(struct trw_draft *d, sqlite3_stmt *row, int column, enum trw_hash_kind kind)
{
	const char *reason = trw_listdb_digest(row, column, kind, &d->entry);

	if (reason != NULL)
		trw_draft_refuse(d, reason);
}
