/* SPDX-License-Identifier: Apache-2.0 */
/** The SQLite connection under the evidence layer: statements, binding, and what its failures mean. */
#pragma once

#include "base/buf.h"
#include "digest/encode.h"
#include "evidence/evidence.h"

#include <sqlite3.h>

/** Prepared once, kept until close. One slot has one SQL text. */
enum trw_stmt {
	TRW_STMT_AUDIT,
	TRW_STMT_RUN,
	TRW_STMT_RUN_END,
	TRW_STMT_IMAGE,
	TRW_STMT_VERDICT,
	TRW_STMT_SEGMENT,
	TRW_STMT_FACT,
	TRW_STMT_VOLUME,
	TRW_STMT_FILESYSTEM,
	TRW_STMT_FILESYSTEM_STATUS,
	TRW_STMT_FILESYSTEM_AMBIGUOUS,
	TRW_STMT_BLOCKS,
	TRW_STMT_FILE,
	TRW_STMT_EXTENT,
	TRW_STMT_CONTENT,
	TRW_STMT_CONTENT_MANY,
	TRW_STMT_CONTENT_DAMAGE,
	TRW_STMT_PROBLEM,
	TRW_STMT_ITEM,
	TRW_STMT_LEDGER,
	TRW_STMT_IMAGE_DAMAGE,
	TRW_STMT_CHECKPOINT_ITEM,
	TRW_STMT_CHECKPOINT,
	TRW_STMT_CHECKPOINT_DAMAGE,
	TRW_STMT_HASHSET,
	TRW_STMT_SESSION,
	TRW_STMT_SESSION_END,
	TRW_STMT_ENTRY_KNOWN,
	TRW_STMT_ENTRY,
	TRW_STMT_HIT,
	TRW_STMT_N
};

/** A row of table content. */
struct trw_pending_content {
	int64_t file_id, content_id;
	uint64_t size;
	enum trw_digest_state state;
	struct trw_digests digests; /* of any state but NONE */
};

#define TRW_AGREED_MAX 24 /* chars, with the NUL */

/** A row of table hit. */
struct trw_pending_hit {
	int64_t file_id, session_id, entry_id;
	enum trw_verdict verdict;
	char agreed[TRW_AGREED_MAX];
	bool is_alert, is_excluded;
	uint32_t n_unrecorded;
};

/** All-zero is empty. */
struct trw_pending {
	struct trw_pending_content *contents; /* owned */
	size_t n_contents, cap_contents;
	struct trw_pending_hit *hits; /* owned */
	size_t n_hits, cap_hits;
};

struct trw_evidence {
	sqlite3 *db;
	char *path;
	enum trw_evidence_mode mode;
	int64_t schema; /* its version; immutable after open */
	bool is_broken; /* a failure rolled back rows that the caller believes written: nothing more goes in */
	unsigned n_threads; /* of digests; 0 = one per processor */
	sqlite3_stmt *stmts[TRW_STMT_N];
	struct trw_pending pending; /* rows that are not in the transaction yet: pending.h */
};

/**
 * A second connection, which sees what is committed; close it with trw_evidence_close. It takes no locks: the
 * caller sees to it that nobody writes until it is closed, and that the file is not in WAL mode.
 */
TRW_NODISCARD enum trw_status trw_evidence_reader(
	const struct trw_evidence *ev, struct trw_evidence **out, struct trw_err *err);

/** Fill err from SQLite's last failure on ev->db (code rc); notes a lost transaction in is_broken. */
enum trw_status trw_store_fail(struct trw_evidence *ev, int rc, struct trw_err *err);

/** Run SQL texts without results. */
TRW_NODISCARD enum trw_status trw_store_exec(
	struct trw_evidence *ev, const char *sql, struct trw_err *err);

/** The same for each text of a list with NULL at its end. */
TRW_NODISCARD enum trw_status trw_store_exec_all(
	struct trw_evidence *ev, const char *const *sql, struct trw_err *err);

/** Prepare a statement of the caller's; finalize it with sqlite3_finalize. */
TRW_NODISCARD enum trw_status trw_store_prepare(
	struct trw_evidence *ev, const char *sql, sqlite3_stmt **out, struct trw_err *err);

/** The first column of the first row, or `absent` when there is no row or it is NULL. */
TRW_NODISCARD enum trw_status trw_store_number(struct trw_evidence *ev, const char *sql,
	int64_t absent, int64_t *out, struct trw_err *err);

/**
 * Run one statement with numbers bound to ?1, ?2 ... as far as it has them. *out, when not NULL, is the first
 * column of its first row, or `absent` as above.
 */
TRW_NODISCARD enum trw_status trw_store_run(struct trw_evidence *ev, const char *sql,
	const int64_t *args, int n_args, int64_t absent, int64_t *out, struct trw_err *err);

/** One row on its way into a kept statement: values are bound from left to right. */
struct trw_bind {
	struct trw_evidence *ev;
	sqlite3_stmt *stmt; /* borrowed */
	int column, rc;     /* rc: the first failure */
};

/** TRW_EUSAGE on a read-only handle, TRW_EDB on a broken one. */
TRW_NODISCARD enum trw_status trw_store_may_write(struct trw_evidence *ev, struct trw_err *err);

/** TRW_EUSAGE where the tables are those of an earlier schema: no run can write to it. */
TRW_NODISCARD enum trw_status trw_store_may_run(struct trw_evidence *ev, struct trw_err *err);

/** Start a row. Errors: TRW_EDB when writing is no longer possible, TRW_EUSAGE on a read-only handle. */
TRW_NODISCARD enum trw_status trw_bind_start(struct trw_evidence *ev, enum trw_stmt slot,
	const char *sql, struct trw_bind *row, struct trw_err *err);
void trw_bind_int(struct trw_bind *row, int64_t v);
void trw_bind_bits(struct trw_bind *row, uint64_t v);   /* past 2^63 - 1 it is stored as v - 2^64 */
void trw_bind_length(struct trw_bind *row, uint64_t v); /* past 2^63 - 1 it is stored as 2^63 - 1 */
void trw_bind_id(struct trw_bind *row, int64_t v);      /* 0 is NULL */
void trw_bind_time(struct trw_bind *row, int64_t v);    /* TRW_TIME_ABSENT is NULL */
void trw_bind_maybe(struct trw_bind *row, uint64_t v);  /* TRW_NUMBER_ABSENT is NULL */
void trw_bind_null(struct trw_bind *row);
void trw_bind_text(struct trw_bind *row, const char *s);              /* borrowed; may be NULL */
void trw_bind_blob(struct trw_bind *row, const uint8_t *p, size_t n); /* borrowed; may be NULL */
/** Any bytes as shown: what is no UTF-8 as U+FFFD. None is NULL. */
void trw_bind_shown(struct trw_bind *row, struct trw_bytes s);
/** The same as one line: control characters are blanks. */
void trw_bind_line(struct trw_bind *row, struct trw_bytes s);
/** Two columns: the bytes as shown, and as they are where that is not the same. None is "" or, unless is_due, NULL. */
void trw_bind_raw(struct trw_bind *row, struct trw_bytes s, bool is_due);
/** Run the statement to its end and make it free for the next row. */
TRW_NODISCARD enum trw_status trw_bind_end(struct trw_bind *row, struct trw_err *err);

/** A row and its n columns, from column `first` of a stepped statement. */
void trw_encode_columns(struct trw_encoder *e, sqlite3_stmt *stmt, int first, int n);
