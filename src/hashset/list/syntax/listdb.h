/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A list that is a SQLite database, from a peer: read with as little of SQLite as reading needs. It
 * sees nothing but the bytes of the input, runs no view that does more than select, keeps to a
 * budget, and stops when the user does. Threads: one owner.
 */
#pragma once

#include "hashset/list/contract/format.h"

#include <sqlite3.h>

struct trw_listdb;

#define TRW_LISTDB_VALUE_MAX ((size_t)1 << 20)  /* bytes of a value; longer: TRW_ECORRUPT */
#define TRW_LISTDB_NAMES_MAX ((size_t)64 << 10) /* bytes of all names of tables and views */
/**
 * Steps of SQLite's machine that one statement may take: these, and so many for each byte of the
 * file.
 */
#define TRW_LISTDB_STEPS ((uint64_t)10 << 20)
#define TRW_LISTDB_STEPS_PER_BYTE 4

/**
 * Open the input's bytes, which must stay open longer. Errors: TRW_ECORRUPT (no database, damaged,
 * virtual tables, a log or journal in use beside it); TRW_ELIMIT; TRW_EIO; TRW_ENOMEM; those of
 * trw_input_fd.
 */
TRW_NODISCARD enum trw_status trw_listdb_open(
	struct trw_input *in, struct trw_listdb **out, struct trw_err *err);
void trw_listdb_close(struct trw_listdb *db); /* NULL is fine */

/**
 * Do its pages fit together: a damaged one can be short of rows and look right. Reads all of it.
 * Errors: TRW_ECORRUPT when they do not; those of trw_listdb_step.
 */
TRW_NODISCARD enum trw_status trw_listdb_check(struct trw_listdb *db, struct trw_err *err);

/**
 * True when the table or view can be read, and has this column (NULL: whatever it has). Both are
 * literals.
 */
bool trw_listdb_has(struct trw_listdb *db, const char *table, const char *column);

/**
 * May the statement put rows aside in a temporary file? A view of a peer may not make us fill the
 * disk.
 */
enum trw_listdb_room {
	TRW_LISTDB_STREAM = 0, /* no */
	TRW_LISTDB_SORT        /* yes: tables alone, so no more rows than the file holds */
};

/**
 * A SELECT of ours. TRW_END (out NULL): it needs room that it must not have. Free with
 * sqlite3_finalize, before the database is closed. Errors: TRW_ECORRUPT when the schema does not
 * fit or a view does more than a list needs; TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_listdb_prepare(struct trw_listdb *db, const char *sql,
	enum trw_listdb_room room, sqlite3_stmt **out, struct trw_err *err);

/**
 * The next row. TRW_END behind the last. Errors: TRW_ECORRUPT, TRW_ELIMIT past the budget,
 * TRW_ECANCEL, TRW_EIO, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_listdb_step(
	struct trw_listdb *db, sqlite3_stmt *stmt, struct trw_err *err);

/** Back to before the first row, with the whole budget again. */
void trw_listdb_rewind(struct trw_listdb *db, sqlite3_stmt *stmt);

/**
 * Put the digest in a column, as a blob or as hex digits, into the entry. NULL = done, or there is
 * none; else the reason, for trw_list_reject.
 */
const char *trw_listdb_digest(
	sqlite3_stmt *stmt, int column, enum trw_hash_kind kind, struct trw_entry *entry);

/** The text or blob of a column, borrowed until the next step; *n 0 for NULL. */
const char *trw_listdb_text(sqlite3_stmt *stmt, int column, size_t *n);

/**
 * For probes: a SQLite database with tables or views of all these names (NULL-ended, case does not
 * count) is TRW_CLAIM_MAGIC. One whose schema lies outside the head is TRW_CLAIM_SHAPE: any of the
 * formats may be it.
 */
enum trw_claim trw_listdb_claim(const struct trw_head *head, const char *const *names);
