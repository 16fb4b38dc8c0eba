/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NSRL delta: what its statements do to the rows of FILE, without a copy of a database of
 * hundreds of GB, and without running a word of the peer's SQL.
 *
 * A file has a row for each package, so one deleted row says nothing. The first time a statement
 * names a sha256, the rows that the database has of it are copied to a scratch database (temporary,
 * without a name), twice: into was, and into FILE. The statement is then done to FILE there, by a
 * statement of ours with bound values. At the end the digests of was that FILE has no more are
 * taken away, and those that it has anew are added. The database handed each of them on once
 * (nsrl_db.c), so taking away once is right.
 */
#include "hashset/list/format/formats.h"
#include "hashset/list/format/nsrl.h"
#include "hashset/list/syntax/nsrl_sql.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SQL_MAX 1024
#define KNOWN_MAX 7

/* Columns that the scratch database has, and in what order a table's own columns stand. */
struct table {
	const char *name;
	const char *known[KNOWN_MAX];
	size_t n_known;
	int order[TRW_SQL_COLUMNS_MAX]; /* number in known, -1 = a column that we have no use for */
	size_t n_order;
};

struct delta {
	struct trw_list *l;
	struct trw_listdb *base;
	sqlite3 *scratch;
	sqlite3_stmt *find;               /* in base: the rows of a sha256 */
	sqlite3_stmt *touch, *was, *copy; /* in scratch */
	sqlite3_stmt *change;             /* the last shape of statement */
	char change_sql[SQL_MAX];
	struct table tables[2]; /* TRW_SQL_FILE, TRW_SQL_VERSION */
	bool has_version;       /* a statement changed it */
};

static enum trw_status
scratch_fail(const struct delta *d, struct trw_err *err)
{
	int rc = sqlite3_errcode(d->scratch);

	return trw_fail(err, rc == SQLITE_NOMEM ? TRW_ENOMEM : TRW_EIO, "temporary database: %s",
		sqlite3_errstr(rc));
}

static enum trw_status
scratch_prepare(struct delta *d, const char *sql, sqlite3_stmt **out, struct trw_err *err)
{
	if (sqlite3_prepare_v2(d->scratch, sql, -1, out, NULL) != SQLITE_OK)
		return scratch_fail(d, err);
	return TRW_OK;
}

static enum trw_status
scratch_run(struct delta *d, sqlite3_stmt *stmt, struct trw_err *err)
{
	int rc = sqlite3_step(stmt);

	(void)sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? TRW_OK : scratch_fail(d, err);
}

/* The order of a table's columns, as the database has it. */
static enum trw_status
learn_order(struct delta *d, struct table *t, struct trw_err *err)
{
	char sql[64];
	sqlite3_stmt *stmt = NULL;
	enum trw_status status;

	(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s", t->name);
	status = trw_listdb_prepare(d->base, sql, TRW_LISTDB_STREAM, &stmt, err);
	if (status == TRW_OK && sqlite3_column_count(stmt) <= TRW_SQL_COLUMNS_MAX)
		t->n_order = (size_t)sqlite3_column_count(stmt);
	for (size_t i = 0; i < t->n_order; i++) {
		const char *name = sqlite3_column_name(stmt, (int)i);
		t->order[i] = -1;
		for (size_t k = 0; k < t->n_known; k++)
			if (name != NULL && strcasecmp(name, t->known[k]) == 0)
				t->order[i] = (int)k;
	}
	(void)sqlite3_finalize(stmt);
	if (status == TRW_OK && t->n_order == 0)
		status = TRW_END;
	return status == TRW_END
		       ? trw_fail(err, TRW_ECORRUPT, "its %s is no table of the NSRL", t->name)
		       : status;
}

static enum trw_status
open_scratch(struct delta *d, struct trw_err *err)
{
	if (sqlite3_open_v2("", &d->scratch,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		return scratch_fail(d, err);
	if (sqlite3_exec(d->scratch,
		    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
		    "CREATE TABLE touched (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;"
		    "CREATE TABLE was (sha256 TEXT, sha1 TEXT, md5 TEXT);"
		    "CREATE INDEX was_key ON was (sha256, sha1, md5);"
		    "CREATE TABLE FILE (sha256 TEXT, sha1 TEXT, md5 TEXT, crc32 TEXT,"
		    " file_name TEXT, file_size INTEGER, package_id INTEGER);"
		    "CREATE INDEX file_key ON FILE (sha256, sha1, md5);"
		    "CREATE TABLE VERSION (version TEXT, build_set TEXT, build_date TEXT,"
		    " release_date TEXT, description TEXT); BEGIN",
		    NULL, NULL, NULL) != SQLITE_OK)
		return scratch_fail(d, err);
	enum trw_status status =
		scratch_prepare(d, "INSERT OR IGNORE INTO touched VALUES (?1)", &d->touch, err);
	if (status == TRW_OK)
		status = scratch_prepare(d, "INSERT INTO was VALUES (?1, ?2, ?3)", &d->was, err);
	if (status == TRW_OK)
		status = scratch_prepare(
			d, "INSERT INTO FILE VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", &d->copy, err);
	return status;
}

/* The base's list of known columns, NULL for what it lacks. */
static void
select_known(struct delta *d, const struct table *t, const char *rest, char sql[SQL_MAX])
{
	int n = snprintf(sql, SQL_MAX, "SELECT ");

	for (size_t i = 0; i < t->n_known; i++)
		n += snprintf(sql + n, SQL_MAX - (size_t)n, "%s%s", i > 0 ? ", " : "",
			trw_listdb_has(d->base, t->name, t->known[i]) ? t->known[i] : "NULL");
	(void)snprintf(sql + n, SQL_MAX - (size_t)n, " FROM %s%s", t->name, rest);
}

static enum trw_status
copy_versions(struct delta *d, struct trw_err *err)
{
	sqlite3_stmt *from = NULL, *to = NULL;
	char sql[SQL_MAX];
	enum trw_status status;

	select_known(d, &d->tables[TRW_SQL_VERSION], "", sql);
	status = trw_listdb_prepare(d->base, sql, TRW_LISTDB_STREAM, &from, err);
	if (status == TRW_OK)
		status = scratch_prepare(
			d, "INSERT INTO VERSION VALUES (?1, ?2, ?3, ?4, ?5)", &to, err);
	while (status == TRW_OK && (status = trw_listdb_step(d->base, from, err)) == TRW_OK) {
		for (int i = 0; i < 5; i++)
			(void)sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
		status = scratch_run(d, to, err);
	}
	(void)sqlite3_finalize(from);
	(void)sqlite3_finalize(to);
	return status == TRW_END ? TRW_OK : status;
}

/*
 * The database must be one that nsrl_db.c reads in order, each file once, and that finds a sha256
 * without a scan.
 */
static enum trw_status
open_base(struct delta *d, struct trw_err *err)
{
	struct trw_listdb *db = d->base;
	sqlite3_stmt *stmt = NULL;
	bool is_distinct = false;
	char sql[SQL_MAX];
	enum trw_status status = trw_nsrl_files(db, false, &stmt, &is_distinct, err);

	(void)sqlite3_finalize(stmt);
	if (status == TRW_OK && (!is_distinct || !trw_listdb_has(db, "VERSION", "version")))
		status = trw_fail(err, TRW_ECORRUPT,
			"no minimal NSRL database: a delta belongs to a table FILE with a primary key "
			"that begins with sha256, sha1, md5");
	if (status == TRW_OK)
		status = learn_order(d, &d->tables[TRW_SQL_FILE], err);
	if (status == TRW_OK)
		status = learn_order(d, &d->tables[TRW_SQL_VERSION], err);
	select_known(d, &d->tables[TRW_SQL_FILE], " WHERE sha256 = ?1", sql);
	if (status == TRW_OK)
		status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, &d->find, err);
	return status < 0 ? trw_fail_in(err, "%s", trw_input_name(d->l->base)) : status;
}

static void
bind(sqlite3_stmt *stmt, int at, const struct trw_sql_value *v)
{
	if (v->type == TRW_SQL_TEXT)
		(void)sqlite3_bind_text(stmt, at, v->p, (int)v->n, SQLITE_STATIC);
	else if (v->type == TRW_SQL_INTEGER)
		(void)sqlite3_bind_int64(stmt, at, v->integer);
	else
		(void)sqlite3_bind_null(stmt, at);
}

/* A sha256 that a statement names: the first time, its rows are copied. */
static enum trw_status
touch(struct delta *d, const struct trw_sql_value *sha256, struct trw_err *err)
{
	enum trw_status status;

	bind(d->touch, 1, sha256);
	status = scratch_run(d, d->touch, err);
	if (status < 0 || sqlite3_changes(d->scratch) == 0)
		return status;
	trw_listdb_rewind(d->base, d->find);
	bind(d->find, 1, sha256);
	while (status == TRW_OK && (status = trw_listdb_step(d->base, d->find, err)) == TRW_OK) {
		for (int i = 0; i < KNOWN_MAX; i++) {
			const sqlite3_value *v = sqlite3_column_value(d->find, i);
			(void)sqlite3_bind_value(d->copy, i + 1, v);
			if (i < 3)
				(void)sqlite3_bind_value(d->was, i + 1, v);
		}
		status = scratch_run(d, d->was, err);
		if (status == TRW_OK)
			status = scratch_run(d, d->copy, err);
	}
	trw_listdb_rewind(d->base, d->find);
	return status == TRW_END ? TRW_OK : status;
}

static enum trw_status
refuse(const struct delta *d, const struct trw_sql_statement *s, const char *what,
	struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT, "%s: statement at line %" PRIu64 ": %s",
		trw_input_name(d->l->input), s->line, what);
}

/* Number of a named column in known; -1 when there is none. */
static int
column_of(const struct table *t, const struct trw_sql_term *term)
{
	for (size_t k = 0; k < t->n_known; k++)
		if (strlen(t->known[k]) == term->column_len &&
			strncasecmp(t->known[k], term->column, term->column_len) == 0)
			return (int)k;
	return -1;
}

/* The statement of ours with this text, kept from the last time when it is the same. */
static enum trw_status
prepare_change(struct delta *d, const char *sql, struct trw_err *err)
{
	if (d->change != NULL && strcmp(sql, d->change_sql) == 0)
		return TRW_OK;
	(void)sqlite3_finalize(d->change);
	d->change = NULL;
	(void)snprintf(d->change_sql, sizeof(d->change_sql), "%s", sql);
	return scratch_prepare(d, sql, &d->change, err);
}

static const char *
digest_reason(const struct trw_sql_value *v, enum trw_hash_kind kind)
{
	uint8_t room[TRW_HASH_SIZE_MAX];

	if (v->type != TRW_SQL_TEXT || v->n != 2 * trw_hash_size(kind))
		return "a digest that is too long or too short for its column";
	return trw_hash_unhex(v->p, v->n, room) ? NULL : "not hexadecimal";
}

static enum trw_status
insert_row(struct delta *d, const struct trw_sql_statement *s,
	const struct trw_sql_value values[TRW_SQL_COLUMNS_MAX], size_t n, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {TRW_HASH_SHA256, TRW_HASH_SHA1, TRW_HASH_MD5};
	const struct table *t = &d->tables[s->table];
	struct trw_sql_value row[KNOWN_MAX] = {{0}};
	enum trw_status status;

	if (n != (s->n_sets > 0 ? s->n_sets : t->n_order))
		return refuse(d, s, "the number of values is not that of the columns", err);
	for (size_t i = 0; i < n; i++) {
		int k = s->n_sets > 0 ? column_of(t, &s->sets[i]) : t->order[i];
		if (s->n_sets > 0 && k < 0)
			return refuse(d, s, "a column that its table does not have", err);
		if (k >= 0)
			row[k] = values[i];
	}
	for (size_t i = 0; s->table == TRW_SQL_FILE && i < 3; i++) {
		const char *reason = digest_reason(&row[i], kinds[i]);
		if (reason != NULL)
			return trw_list_reject(d->l, "line", s->line, reason, err);
	}
	if (s->table == TRW_SQL_FILE && (status = touch(d, &row[0], err)) < 0)
		return status;
	status = prepare_change(d,
		s->table == TRW_SQL_FILE ? "INSERT INTO FILE VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
					 : "INSERT INTO VERSION VALUES (?1, ?2, ?3, ?4, ?5)",
		err);
	for (size_t i = 0; status == TRW_OK && i < t->n_known; i++)
		bind(d->change, (int)i + 1, &row[i]);
	return status == TRW_OK ? scratch_run(d, d->change, err) : status;
}

static enum trw_status
insert(struct delta *d, struct trw_sql *sql, const struct trw_sql_statement *s, struct trw_err *err)
{
	struct trw_sql_value values[TRW_SQL_COLUMNS_MAX];
	enum trw_status status;
	size_t n, n_rows = 0;

	while ((status = trw_sql_row(sql, values, &n, err)) == TRW_OK) {
		n_rows++;
		if (s->table > TRW_SQL_VERSION)
			continue;
		status = insert_row(d, s, values, n, err);
		if (status < 0)
			return status;
	}
	if (status < 0)
		return status;
	return n_rows > 0 ? TRW_OK : refuse(d, s, "no values", err);
}

/*
 * FILE: every sha256 that the statement names is touched; one that names none would mean a scan of
 * the database.
 */
static enum trw_status
touch_named(struct delta *d, const struct trw_sql_statement *s, struct trw_err *err)
{
	const struct table *t = &d->tables[TRW_SQL_FILE];
	enum trw_status status = TRW_OK;
	bool has_key = false;

	for (size_t i = 0; i < s->n_wheres && status == TRW_OK; i++)
		if (column_of(t, &s->wheres[i]) == 0) {
			has_key = s->wheres[i].value.type == TRW_SQL_TEXT;
			status = touch(d, &s->wheres[i].value, err);
		}
	if (status == TRW_OK && !has_key)
		return refuse(d, s, "a WHERE on FILE without a sha256 is not supported", err);
	for (size_t i = 0; i < s->n_sets && status == TRW_OK; i++)
		if (column_of(t, &s->sets[i]) == 0)
			status = touch(d, &s->sets[i].value, err);
	return status;
}

/* Our own words for an UPDATE or DELETE: names from known, values bound. */
static enum trw_status
change_text(
	struct delta *d, const struct trw_sql_statement *s, char sql[SQL_MAX], struct trw_err *err)
{
	const struct table *t = &d->tables[s->table];
	bool is_update = s->verb == TRW_SQL_UPDATE;
	int n = snprintf(sql, SQL_MAX, "%s %s", is_update ? "UPDATE" : "DELETE FROM", t->name);

	for (size_t i = 0; i < s->n_sets + s->n_wheres; i++) {
		bool is_set = i < s->n_sets;
		size_t j = is_set ? i : i - s->n_sets;
		int k = column_of(t, is_set ? &s->sets[j] : &s->wheres[j]);
		if (k < 0)
			return refuse(d, s, "a column that its table does not have", err);
		n += snprintf(sql + n, SQL_MAX - (size_t)n, "%s%s = ?%zu",
			j > 0 ? (is_set ? ", " : " AND ") : (is_set ? " SET " : " WHERE "),
			t->known[k], i + 1);
	}
	return TRW_OK;
}

static enum trw_status
change(struct delta *d, const struct trw_sql_statement *s, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {TRW_HASH_SHA256, TRW_HASH_SHA1, TRW_HASH_MD5};
	char sql[SQL_MAX];
	enum trw_status status;

	if (s->table > TRW_SQL_VERSION)
		return TRW_OK;
	status = change_text(d, s, sql, err);
	for (size_t i = 0; status == TRW_OK && s->table == TRW_SQL_FILE && i < s->n_sets; i++) {
		int k = column_of(&d->tables[TRW_SQL_FILE], &s->sets[i]);
		const char *reason = k < 3 ? digest_reason(&s->sets[i].value, kinds[k]) : NULL;
		if (reason != NULL)
			return trw_list_reject(d->l, "line", s->line, reason, err);
	}
	if (status == TRW_OK && s->table == TRW_SQL_FILE)
		status = touch_named(d, s, err);
	if (status == TRW_OK)
		status = prepare_change(d, sql, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < s->n_sets + s->n_wheres; i++)
		bind(d->change, (int)i + 1,
			i < s->n_sets ? &s->sets[i].value : &s->wheres[i - s->n_sets].value);
	status = scratch_run(d, d->change, err);
	if (status < 0 || sqlite3_changes(d->scratch) > 0)
		return status;
	if (s->table == TRW_SQL_VERSION)
		return refuse(
			d, s, "the delta is for another release than the database before it", err);
	return trw_list_reject(d->l, "line", s->line, "a row that the database does not have", err);
}

static enum trw_status
read_delta(struct delta *d, struct trw_sql *sql, struct trw_err *err)
{
	struct trw_sql_statement s;
	bool is_begun = false, is_done = false;
	enum trw_status status;

	while ((status = trw_sql_next(sql, &s, err)) == TRW_OK) {
		if ((s.verb == TRW_SQL_BEGIN) == is_begun || is_done)
			return refuse(d, &s, "outside of the one transaction of a delta", err);
		is_begun = true;
		is_done = s.verb == TRW_SQL_COMMIT;
		if (s.verb == TRW_SQL_INSERT)
			status = insert(d, sql, &s, err);
		else if (s.verb == TRW_SQL_UPDATE || s.verb == TRW_SQL_DELETE)
			status = change(d, &s, err);
		if (status < 0)
			return status;
		if (s.verb >= TRW_SQL_INSERT && s.table == TRW_SQL_VERSION)
			d->has_version = true;
		else if (s.verb >= TRW_SQL_INSERT && s.table > TRW_SQL_VERSION)
			trw_list_skip(d->l, 1);
	}
	if (status < 0)
		return status;
	return is_done ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT, "%s: it ends without COMMIT: the file is cut",
				 trw_input_name(d->l->input));
}

/* Files of one table that the other has not. */
static enum trw_status
compare(struct delta *d, bool is_new, struct trw_err *err)
{
	const char *sql =
		is_new ? "SELECT sha256, sha1, md5, min(file_name), min(file_size) FROM FILE f WHERE NOT"
			 " EXISTS (SELECT 1 FROM was w WHERE w.sha256 IS f.sha256 AND w.sha1 IS f.sha1"
			 " AND w.md5 IS f.md5) GROUP BY sha256, sha1, md5"
		       : "SELECT DISTINCT sha256, sha1, md5, NULL, NULL FROM was w WHERE NOT"
			 " EXISTS (SELECT 1 FROM FILE f WHERE w.sha256 IS f.sha256 AND w.sha1 IS f.sha1"
			 " AND w.md5 IS f.md5)";
	struct trw_entry entry = {0};
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = scratch_prepare(d, sql, &stmt, err);
	int rc = SQLITE_DONE;

	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		/* A row without good digests never became an entry. */
		if (trw_nsrl_entry(stmt, is_new && d->l->options->keep_names, &entry) != NULL)
			continue;
		status = is_new ? trw_list_entry(d->l, &entry, err)
				: trw_list_subtract(d->l, &entry, err);
	}
	(void)sqlite3_finalize(stmt);
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = scratch_fail(d, err);
	return status;
}

static enum trw_status
tell_version(struct delta *d, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = scratch_prepare(
		d, "SELECT version FROM VERSION ORDER BY rowid DESC LIMIT 1", &stmt, err);

	if (status == TRW_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		size_t n;
		const char *p = trw_listdb_text(stmt, 0, &n);
		status = trw_list_fact(d->l, "version", p, n, err);
	}
	(void)sqlite3_finalize(stmt);
	return status;
}

static void
close_delta(struct delta *d)
{
	sqlite3_stmt *stmts[] = {d->find, d->touch, d->was, d->copy, d->change};

	for (size_t i = 0; i < sizeof(stmts) / sizeof(stmts[0]); i++)
		(void)sqlite3_finalize(stmts[i]);
	(void)sqlite3_close(d->scratch);
	trw_listdb_close(d->base);
}

static enum trw_status
delta_read(struct trw_list *l, struct trw_err *err)
{
	struct delta d = {.l = l,
		.tables = {{.name = "FILE",
				   .known = {"sha256", "sha1", "md5", "crc32", "file_name",
					   "file_size", "package_id"},
				   .n_known = 7},
			{.name = "VERSION",
				.known = {"version", "build_set", "build_date", "release_date",
					"description"},
				.n_known = 5}}};
	struct trw_sql sql = {.in = l->input};
	enum trw_status status;

	if (l->base == NULL)
		return trw_fail(err, TRW_EUSAGE,
			"%s: a delta changes the NSRL database right before it: name the one that it "
			"belongs to there",
			trw_input_name(l->input));
	status = trw_listdb_open(l->base, &d.base, err);
	if (status == TRW_OK)
		status = open_base(&d, err);
	if (status == TRW_OK)
		status = open_scratch(&d, err);
	if (status == TRW_OK)
		status = copy_versions(&d, err);
	if (status == TRW_OK)
		status = read_delta(&d, &sql, err);
	if (status == TRW_OK)
		status = compare(&d, false, err);
	if (status == TRW_OK)
		status = compare(&d, true, err);
	if (status == TRW_OK && d.has_version)
		status = tell_version(&d, err);
	trw_sql_clear(&sql);
	close_delta(&d);
	return status;
}

static enum trw_claim
delta_probe(const struct trw_head *head)
{
	static const char word[] = "BEGIN TRANSACTION;";
	const char *p = (const char *)head->p;
	size_t n = head->n;

	while (n > 0 && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
		p++;
		n--;
	}
	return n >= sizeof(word) - 1 && strncasecmp(p, word, sizeof(word) - 1) == 0
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_nsrl_delta = {.name = "nsrl-delta",
	.summary = "NSRL RDS v3 delta: SQL text, behind the database that it changes",
	.probe = delta_probe,
	.read = delta_read,
	.chain = TRW_CHAIN_DELTA};
