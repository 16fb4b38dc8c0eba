/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The SQL of the NSRL's deltas, as text from a peer that is never run: a stream is split into
 * statements, and each taken apart as one of a few shapes. Anything else is an error.
 *
 *     BEGIN [TRANSACTION];   COMMIT [TRANSACTION];   END [TRANSACTION];
 *     INSERT INTO t [(column, ...)] VALUES (value, ...) [, (...)] ...;
 *     UPDATE t SET column = value, ... [WHERE column = value AND ...];
 *     DELETE FROM t WHERE column = value AND ...;
 *
 * t is FILE, PKG, OS, MFG or VERSION; a value is a text in quotes (or several and X'0a' joined with
 * ||), an integer or NULL. Threads: one owner.
 */
#pragma once

#include "base/buf.h"
#include "hashset/list/io/input.h"

#define TRW_SQL_STATEMENT_MAX ((size_t)1 << 20) /* bytes */
#define TRW_SQL_COLUMNS_MAX 16                  /* of a statement */

enum trw_sql_verb {
	TRW_SQL_BEGIN = 0,
	TRW_SQL_COMMIT,
	TRW_SQL_INSERT,
	TRW_SQL_UPDATE,
	TRW_SQL_DELETE
};
enum trw_sql_table {
	TRW_SQL_FILE = 0,
	TRW_SQL_VERSION,
	TRW_SQL_PKG,
	TRW_SQL_OS,
	TRW_SQL_MFG,
	TRW_SQL_TABLE_N
};
enum trw_sql_type { TRW_SQL_NULL = 0, TRW_SQL_INTEGER, TRW_SQL_TEXT };

struct trw_sql_value {
	enum trw_sql_type type;
	int64_t integer;
	const char *p; /* of a text, quotes undone; borrowed from the statement */
	size_t n;
};

struct trw_sql_term { /* column = value; of an INSERT the column alone */
	const char *column;
	size_t column_len;
	struct trw_sql_value value;
};

/** Borrowed until the next statement. */
struct trw_sql_statement {
	enum trw_sql_verb verb;
	enum trw_sql_table table; /* not of BEGIN and COMMIT */
	uint64_t line;            /* where it begins, from 1 */
	struct trw_sql_term sets[TRW_SQL_COLUMNS_MAX], wheres[TRW_SQL_COLUMNS_MAX];
	size_t n_sets,
		n_wheres; /* n_sets 0 of an INSERT: the columns of the table, in their order */
};

/** All-zero but for the input: before the first statement. */
struct trw_sql {
	struct trw_input *in; /* borrowed */
	struct trw_buf text;  /* the statement, with a NUL behind it */
	const uint8_t *piece; /* what of the input's piece is left */
	size_t n_piece;
	uint64_t n_lines; /* ended so far */
	char *at;         /* in text */
	uint64_t line;
};

/**
 * The next statement. TRW_END behind the last. Errors: TRW_ECORRUPT with the statement's line;
 * those of trw_input_piece; TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_sql_next(
	struct trw_sql *s, struct trw_sql_statement *out, struct trw_err *err);

/**
 * The next row of an INSERT: values and their number. TRW_END behind the last. Errors:
 * TRW_ECORRUPT.
 */
TRW_NODISCARD enum trw_status trw_sql_row(struct trw_sql *s,
	struct trw_sql_value values[TRW_SQL_COLUMNS_MAX], size_t *n, struct trw_err *err);

void trw_sql_clear(struct trw_sql *s); /* frees */
