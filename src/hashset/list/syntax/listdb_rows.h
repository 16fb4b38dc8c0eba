/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A list that is the rows of one table of a database, in the order of their ids, and what other
 * tables say of each, which are read beside it in the same order. Threads: one owner.
 */
#pragma once

#include "hashset/list/contract/draft.h"
#include "hashset/list/syntax/listdb.h"

/** Another table. All-zero: it is not there. */
struct trw_listdb_beside {
	struct trw_listdb *db;
	sqlite3_stmt *stmt; /* owned; on the row that was returned last, or the next one */
	bool has_row, is_taken;
};

/** sql: an id first, in its order. Errors: those of trw_listdb_prepare and trw_listdb_step. */
TRW_NODISCARD enum trw_status trw_listdb_beside_open(
	struct trw_listdb_beside *b, struct trw_listdb *db, const char *sql, struct trw_err *err);
void trw_listdb_beside_close(struct trw_listdb_beside *b);

/**
 * Its next row with an id up to this one, in b->stmt; *is_own: it is this one, and not that of a
 * row that the list lacks. TRW_END when there is none. Errors: those of trw_listdb_step.
 */
TRW_NODISCARD enum trw_status trw_listdb_beside_next(
	struct trw_listdb_beside *b, sqlite3_int64 id, bool *is_own, struct trw_err *err);

struct trw_listdb_calls {
	void *ctx;
	/* Prepare the rows, which are finalized for you, and what is beside them. */
	enum trw_status (*open)(
		void *ctx, struct trw_listdb *db, sqlite3_stmt **rows, struct trw_err *err);
	/* The id is in column 0; number: from 1. */
	enum trw_status (*row)(void *ctx, sqlite3_stmt *row, uint64_t number, struct trw_err *err);
	void (*close)(void *ctx); /* in any case */
};

/**
 * Check l->input, and read its rows. Errors: those of trw_listdb_open, trw_listdb_check and the
 * calls.
 */
TRW_NODISCARD enum trw_status trw_listdb_rows(
	struct trw_list *l, const struct trw_listdb_calls *calls, struct trw_err *err);

/** trw_listdb_digest for a draft. */
void trw_listdb_draft_digest(
	struct trw_draft *d, sqlite3_stmt *row, int column, enum trw_hash_kind kind);
