/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hostile database could try, and what stops it:
 *
 *     other files, journals, attached databases   its file system has one file (listdb_vfs)
 *     virtual tables, functions, recursion        refused: the authorizer knows tables of the file
 *                                                 and a few functions
 *     a view that never ends                      a budget of steps, in proportion to the file
 *     a view that fills the disk or the memory    a statement that wants temporary storage is told
 *                                                 by its own program
 *     damaged pages                               cell_size_check; a value has a length limit;
 *                                                 trw_listdb_check
 *
 * A log or journal beside it is not read, but not passed over either: part of the list would be
 * missing without a word.
 */
#include "hashset/list/syntax/listdb.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/io.h"
#include "hashset/list/syntax/listdb_vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEPS_BETWEEN 4096 /* steps from one look at the budget to the next */
#define SQL_MAX 65536      /* bytes of a statement, and of one in the schema */
#define CALLS_MAX 20000    /* of the authorizer, for one statement */

struct trw_listdb {
	struct trw_listdb_vfs vfs;
	sqlite3 *db;
	const char *name;     /* borrowed */
	struct trw_buf names; /* of its tables and views, each with a NUL behind it */
	uint64_t budget, n_steps;
	unsigned n_calls;
	bool has_view; /* the statement that was prepared last reads one */
	bool is_checking;
};

/*
 * SQLite's own texts quote the schema, which is the peer's: only its words for the code are shown.
 */
static enum trw_status
fail(struct trw_listdb *db, int rc, struct trw_err *err)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return trw_fail(err, TRW_ENOMEM, "%s: out of memory", db->name);
	case SQLITE_INTERRUPT:
		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		return trw_fail(err, TRW_ELIMIT,
			"%s: reading it takes more steps than a list of its size needs", db->name);
	case SQLITE_AUTH:
		return trw_fail(err, TRW_ECORRUPT,
			"%s: a view or table of it does what no hash list needs", db->name);
	case SQLITE_TOOBIG:
		return trw_fail(err, TRW_ECORRUPT, "%s: a value of it is longer than %zu bytes",
			db->name, TRW_LISTDB_VALUE_MAX);
	case SQLITE_NOTADB:
		return trw_fail(err, TRW_ECORRUPT, "%s: not a SQLite database", db->name);
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_SHORT_READ)
			break;
		return trw_fail(err, TRW_EIO, "%s: cannot read it", db->name);
	case SQLITE_FULL:
		return trw_fail(err, TRW_EIO, "%s: no space for temporary files", db->name);
	default:
		break;
	}
	return trw_fail(
		err, TRW_ECORRUPT, "%s: damaged database: %s", db->name, sqlite3_errstr(rc & 0xff));
}

static int
tick(void *ctx)
{
	struct trw_listdb *db = ctx;

	db->n_steps += STEPS_BETWEEN;
	return trw_is_cancelled() || db->n_steps > db->budget;
}

static bool
is_known(const struct trw_listdb *db, const char *name)
{
	const char *names = (const char *)db->names.v;

	for (size_t at = 0; at < db->names.n; at += strlen(names + at) + 1)
		if (strcasecmp(names + at, name) == 0)
			return true;
	return false;
}

static bool
is_harmless(const char *function)
{
	static const char *const names[] = {"upper", "lower", "coalesce", "ifnull", "nullif",
		"substr", "substring", "trim", "ltrim", "rtrim", "length", "typeof", "iif"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], function) == 0)
			return true;
	return false;
}

static int
authorize(void *ctx, int action, const char *first, const char *second, const char *schema,
	const char *view)
{
	struct trw_listdb *db = ctx;
	bool is_fine = false;

	(void)schema;
	db->has_view = db->has_view || view != NULL;
	if (action == SQLITE_SELECT)
		is_fine = true;
	else if (action == SQLITE_READ)
		is_fine = first != NULL && is_known(db, first);
	else if (action == SQLITE_PRAGMA)
		is_fine = db->is_checking && strcmp(first, "quick_check") == 0;
	else if (action == SQLITE_FUNCTION)
		is_fine = second != NULL && is_harmless(second);
	return is_fine && ++db->n_calls <= CALLS_MAX ? SQLITE_OK : SQLITE_DENY;
}

static void
set_limits(sqlite3 *db)
{
	static const int limits[][2] = {
		{SQLITE_LIMIT_LENGTH, (int)TRW_LISTDB_VALUE_MAX},
		{SQLITE_LIMIT_SQL_LENGTH, SQL_MAX},
		{SQLITE_LIMIT_COLUMN, 200},
		{SQLITE_LIMIT_EXPR_DEPTH, 50},
		{SQLITE_LIMIT_COMPOUND_SELECT, 8},
		{SQLITE_LIMIT_VDBE_OP, 20000},
		{SQLITE_LIMIT_FUNCTION_ARG, 16},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 16},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		(void)sqlite3_limit(db, limits[i][0], limits[i][1]);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
}

/* What the authorizer knows: and that no table is code of SQLite's behind a name (FTS, R-tree). */
static enum trw_status
read_names(struct trw_listdb *db, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = TRW_OK;
	int rc = sqlite3_prepare_v2(db->db,
		"SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view')", -1, &stmt,
		NULL);

	if (rc != SQLITE_OK)
		status = fail(db, rc, err);
	while (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const char *sql = (const char *)sqlite3_column_text(stmt, 1);
		if (name == NULL)
			continue;
		if (sql != NULL && strcasestr(sql, "virtual") != NULL)
			status = trw_fail(err, TRW_ECORRUPT,
				"%s: it has virtual tables, which no hash list needs", db->name);
		else if (trw_buf_put(&db->names, name, strlen(name) + 1, err) < 0)
			status = trw_fail_in(err, "%s: names of tables", db->name);
	}
	(void)sqlite3_finalize(stmt);
	return status == TRW_END ? TRW_OK : status;
}

static enum trw_status
start(struct trw_listdb *db, struct trw_err *err)
{
	enum trw_status status;
	int rc = sqlite3_open_v2(
		"list", &db->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, db->vfs.name);

	if (rc != SQLITE_OK)
		return fail(db, rc, err);
	set_limits(db->db);
	sqlite3_progress_handler(db->db, STEPS_BETWEEN, tick, db);
	rc = sqlite3_exec(db->db,
		"PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-8192;"
		"PRAGMA temp_store=FILE; PRAGMA automatic_index=OFF; PRAGMA query_only=ON",
		NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return fail(db, rc, err);
	status = read_names(db, err);
	if (status == TRW_OK)
		(void)sqlite3_set_authorizer(db->db, authorize, db);
	return status;
}

/*
 * Rows that only the log has, or pages of a change that was never finished. One whose first byte is
 * zero has been done with.
 */
static enum trw_status
refuse_companion(const char *path, const char *suffix, struct trw_err *err)
{
	char *name = trw_format(err, "%s%s", path, suffix);
	enum trw_status status = name == NULL ? TRW_ENOMEM : TRW_OK;
	int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
	uint8_t first = 0;
	size_t got = 0;

	if (fd >= 0) {
		status = trw_pread_full(fd, &first, 1, 0, &got, err);
		(void)close(fd);
	} else if (status == TRW_OK && errno != ENOENT) {
		status = trw_fail_errno(err, errno, "%s: cannot tell what it holds", name);
	}
	if (status == TRW_OK && got == 1 && first != 0)
		status = trw_fail(err, TRW_ECORRUPT,
			"%s: it holds a part of the list, which its database lacks: open that once with "
			"sqlite3, which joins them",
			name);
	free(name);
	return status;
}

enum trw_status
trw_listdb_open(struct trw_input *in, struct trw_listdb **out, struct trw_err *err)
{
	struct trw_listdb *db = trw_alloc(1, sizeof(*db), err);
	enum trw_status status;
	struct stat st;
	int fd;

	*out = NULL;
	if (db == NULL)
		return TRW_ENOMEM;
	db->name = trw_input_name(in);
	db->names.max = TRW_LISTDB_NAMES_MAX;
	status = refuse_companion(trw_input_path(in), "-wal", err);
	if (status == TRW_OK)
		status = refuse_companion(trw_input_path(in), "-journal", err);
	if (status == TRW_OK)
		status = trw_input_fd(in, &fd, err);
	if (status == TRW_OK) {
		uint64_t size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
		db->budget = TRW_LISTDB_STEPS + TRW_LISTDB_STEPS_PER_BYTE * size;
		status = trw_listdb_vfs_open(fd, &db->vfs, err);
	}
	if (status == TRW_OK)
		status = start(db, err);
	if (status < 0) {
		trw_listdb_close(db);
		return status;
	}
	*out = db;
	return TRW_OK;
}

void
trw_listdb_close(struct trw_listdb *db)
{
	if (db == NULL)
		return;
	(void)sqlite3_close(db->db);
	trw_listdb_vfs_close(&db->vfs);
	trw_buf_clear(&db->names);
	free(db);
}

enum trw_status
trw_listdb_check(struct trw_listdb *db, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *answer = "";
	size_t n = 0;
	enum trw_status status;

	db->is_checking = true;
	status = trw_listdb_prepare(db, "PRAGMA quick_check(1)", TRW_LISTDB_SORT, &stmt, err);
	if (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK)
		answer = trw_listdb_text(stmt, 0, &n);
	if (status >= 0 && (n != 2 || memcmp(answer, "ok", 2) != 0))
		status = trw_fail(err, TRW_ECORRUPT,
			"%s: damaged database: its pages do not fit together, rows may be missing; get the "
			"file again",
			db->name);
	(void)sqlite3_finalize(stmt);
	db->is_checking = false;
	return status;
}

bool
trw_listdb_has(struct trw_listdb *db, const char *table, const char *column)
{
	sqlite3_stmt *stmt = NULL;
	char sql[128];
	bool has;

	if (!is_known(db, table))
		return false;
	if (column == NULL)
		return true;
	(void)snprintf(sql, sizeof(sql), "SELECT [%s] FROM [%s]", column, table);
	db->n_calls = 0;
	has = sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL) == SQLITE_OK;
	(void)sqlite3_finalize(stmt);
	return has;
}

/* Its program says whether it sorts, or keeps rows of a view. */
static enum trw_status
wants_room(struct trw_listdb *db, const char *sql, bool *out, struct trw_err *err)
{
	static const char *const opcodes[] = {"OpenEphemeral", "OpenAutoindex", "SorterOpen"};
	char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = TRW_OK;
	int rc = SQLITE_NOMEM;

	*out = false;
	db->n_calls = 0;
	if (explain != NULL)
		rc = sqlite3_prepare_v2(db->db, explain, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		status = fail(db, rc, err);
	while (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK) {
		const char *opcode = (const char *)sqlite3_column_text(stmt, 1);
		for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++)
			if (opcode == NULL || strcmp(opcode, opcodes[i]) == 0)
				*out = true;
	}
	(void)sqlite3_finalize(stmt);
	sqlite3_free(explain);
	return status == TRW_END ? TRW_OK : status;
}

enum trw_status
trw_listdb_prepare(struct trw_listdb *db, const char *sql, enum trw_listdb_room room,
	sqlite3_stmt **out, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	bool wants = false;
	int rc;

	*out = NULL;
	db->n_steps = 0;
	if (room == TRW_LISTDB_STREAM)
		status = wants_room(db, sql, &wants, err);
	if (status < 0)
		return status;
	if (wants)
		return TRW_END;
	db->n_calls = 0;
	db->has_view = false;
	rc = sqlite3_prepare_v2(db->db, sql, -1, out, NULL);
	if (rc == SQLITE_OK && room == TRW_LISTDB_SORT && db->has_view)
		rc = SQLITE_AUTH;
	return rc == SQLITE_OK ? TRW_OK : fail(db, rc, err);
}

enum trw_status
trw_listdb_step(struct trw_listdb *db, sqlite3_stmt *stmt, struct trw_err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return TRW_OK;
	return rc == SQLITE_DONE ? TRW_END : fail(db, rc, err);
}

void
trw_listdb_rewind(struct trw_listdb *db, sqlite3_stmt *stmt)
{
	(void)sqlite3_reset(stmt);
	db->n_steps = 0;
}

const char *
trw_listdb_digest(sqlite3_stmt *stmt, int column, enum trw_hash_kind kind, struct trw_entry *entry)
{
	int type = sqlite3_column_type(stmt, column);
	size_t n, want = trw_hash_size(kind);
	const char *p;

	if (type == SQLITE_NULL)
		return NULL;
	if (type != SQLITE_TEXT && type != SQLITE_BLOB)
		return "a digest that is a number";
	p = trw_listdb_text(stmt, column, &n);
	if (n == 0)
		return NULL;
	if (n == 2 * want) {
		if (!trw_hash_unhex(p, n, entry->digest[kind]))
			return "not hexadecimal";
	} else if (type == SQLITE_BLOB && n == want) {
		memcpy(entry->digest[kind], p, n);
	} else {
		return "a digest that is too long or too short for its column";
	}
	entry->kinds |= TRW_HASH_BIT(kind);
	return NULL;
}

const char *
trw_listdb_text(sqlite3_stmt *stmt, int column, size_t *n)
{
	const char *p = sqlite3_column_type(stmt, column) == SQLITE_BLOB
				? sqlite3_column_blob(stmt, column)
				: (const char *)sqlite3_column_text(stmt, column);

	*n = p == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, column);
	return p == NULL ? "" : p;
}
