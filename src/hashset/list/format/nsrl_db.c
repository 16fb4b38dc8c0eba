/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSRL RDS v3 (the schema is part of each release of NIST). FILE is a table in the minimal
 * databases and a view over METADATA in the full ones; it has a row for each package that has the
 * file. The table's primary key begins with sha256, sha1, md5, so SELECT DISTINCT walks its index
 * and neither sorts nor touches the table. A view would have to sort: there every row is handed on,
 * and equal ones become one when the set is built.
 */
#include "hashset/list/format/formats.h"
#include "hashset/list/format/nsrl.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#define KEY_PARTS 3

static const char *const columns[] = {"sha256", "sha1", "md5", "file_name", "file_size"};

enum trw_status
trw_nsrl_files(struct trw_listdb *db, bool with_names, sqlite3_stmt **out, bool *is_distinct,
	struct trw_err *err)
{
	const char *c[5];
	enum trw_status status = TRW_END;
	char sql[256];

	for (size_t i = 0; i < 5; i++) {
		bool is_wanted = i < KEY_PARTS || with_names;
		c[i] = is_wanted && trw_listdb_has(db, "FILE", columns[i]) ? columns[i] : "NULL";
	}
	*out = NULL;
	*is_distinct = strcmp(c[0], columns[0]) == 0 && strcmp(c[1], columns[1]) == 0 &&
		       strcmp(c[2], columns[2]) == 0;
	if (c[0] != columns[0] && c[1] != columns[1] && c[2] != columns[2])
		return trw_fail(err, TRW_ECORRUPT,
			"it has no table or view FILE with the columns sha256, sha1 or md5");
	if (*is_distinct) { /* a constant among the columns would cost a sort */
		if (with_names)
			(void)snprintf(sql, sizeof(sql),
				"SELECT sha256, sha1, md5, %s, %s FROM FILE ORDER BY sha256, sha1, md5",
				c[3], c[4]);
		else
			(void)snprintf(
				sql, sizeof(sql), "SELECT DISTINCT sha256, sha1, md5 FROM FILE");
		status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, out, err);
	}
	if (status != TRW_END)
		return status;
	*is_distinct = false;
	(void)snprintf(sql, sizeof(sql), "SELECT %s, %s, %s, %s, %s FROM FILE", c[0], c[1], c[2],
		c[3], c[4]);
	status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, out, err);
	if (status == TRW_END)
		status = trw_fail(err, TRW_ECORRUPT, "its view FILE cannot be read without a sort");
	return status;
}

const char *
trw_nsrl_entry(sqlite3_stmt *row, bool with_names, struct trw_entry *out)
{
	static const enum trw_hash_kind kinds[] = {TRW_HASH_SHA256, TRW_HASH_SHA1, TRW_HASH_MD5};
	const char *reason = NULL;

	trw_entry_reset(out);
	for (int i = 0; i < KEY_PARTS && reason == NULL; i++)
		reason = trw_listdb_digest(row, i, kinds[i], out);
	if (reason == NULL && out->kinds == 0)
		reason = "no digest";
	if (reason != NULL || !with_names)
		return reason;
	out->name = trw_listdb_text(row, 3, &out->name_len);
	if (out->name_len > TRW_ENTRY_NAME_MAX)
		return "a name that is too long";
	if (sqlite3_column_type(row, 4) == SQLITE_INTEGER && sqlite3_column_int64(row, 4) >= 0)
		out->size = (uint64_t)sqlite3_column_int64(row, 4);
	return NULL;
}

/* The digests of the row before: with names, a file's further packages are passed over. */
static enum trw_status
is_again(sqlite3_stmt *row, struct trw_buf *key, bool *out, struct trw_err *err)
{
	const char *p[KEY_PARTS];
	size_t n[KEY_PARTS], at = 0;

	*out = false;
	for (int i = 0; i < KEY_PARTS; i++) {
		p[i] = trw_listdb_text(row, i, &n[i]);
		if (at + n[i] + 1 <= key->n && memcmp(key->v + at, p[i], n[i]) == 0 &&
			key->v[at + n[i]] == 0)
			at += n[i] + 1;
		else
			at = SIZE_MAX / 2;
	}
	*out = at == key->n && key->n > 0;
	key->n = *out ? key->n : 0;
	for (int i = 0; i < KEY_PARTS && !*out; i++) {
		enum trw_status status = trw_buf_put(key, p[i], n[i], err);
		if (status == TRW_OK)
			status = trw_buf_u8(key, 0, err);
		if (status < 0)
			return status;
	}
	return TRW_OK;
}

static enum trw_status
read_files(struct trw_list *l, struct trw_listdb *db, struct trw_err *err)
{
	struct trw_entry entry = {0};
	struct trw_buf key = {0};
	sqlite3_stmt *stmt = NULL;
	bool is_distinct, again = false, with_names = l->options->keep_names;
	uint64_t n_rows = 0;
	enum trw_status status = trw_nsrl_files(db, with_names, &stmt, &is_distinct, err);

	if (status < 0)
		status = trw_fail_in(err, "%s", trw_input_name(l->input));
	while (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK) {
		const char *reason;
		n_rows++;
		if (is_distinct && with_names) {
			status = is_again(stmt, &key, &again, err);
			if (status < 0)
				break;
			if (again)
				continue;
		}
		reason = trw_nsrl_entry(stmt, with_names, &entry);
		status = reason == NULL ? trw_list_entry(l, &entry, err)
					: trw_list_reject(l, "row", n_rows, reason, err);
	}
	(void)sqlite3_finalize(stmt);
	trw_buf_clear(&key);
	return status == TRW_END ? TRW_OK : status;
}

/* The last row: a database has one. */
static enum trw_status
read_version(struct trw_list *l, struct trw_listdb *db, struct trw_err *err)
{
	char name[64 + 16] = "", version[64] = "";
	enum trw_status status;
	sqlite3_stmt *stmt = NULL;

	if (!trw_listdb_has(db, "VERSION", "version") ||
		!trw_listdb_has(db, "VERSION", "build_set"))
		return TRW_OK;
	status = trw_listdb_prepare(
		db, "SELECT version, build_set FROM VERSION", TRW_LISTDB_STREAM, &stmt, err);
	while (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK) {
		size_t n_version, n_set;
		const char *v = trw_listdb_text(stmt, 0, &n_version);
		const char *set = trw_listdb_text(stmt, 1, &n_set);
		if (n_version >= sizeof(version) || n_set >= 64)
			continue;
		(void)snprintf(version, sizeof(version), "%.*s", (int)n_version, v);
		(void)snprintf(name, sizeof(name), "NSRL RDS %.*s", (int)n_set, set);
	}
	(void)sqlite3_finalize(stmt);
	if (status < 0 || version[0] == '\0')
		return status < 0 ? status : TRW_OK;
	status = trw_list_fact(l, "name", name, strlen(name), err);
	return status < 0 ? status : trw_list_fact(l, "version", version, strlen(version), err);
}

static enum trw_status
nsrl_read(struct trw_list *l, struct trw_err *err)
{
	struct trw_listdb *db = NULL;
	enum trw_status status = trw_listdb_open(l->input, &db, err);

	if (status == TRW_OK)
		status = read_version(l, db, err);
	if (status == TRW_OK)
		status = read_files(l, db, err);
	trw_listdb_close(db);
	return status;
}

static enum trw_claim
nsrl_probe(const struct trw_head *head)
{
	static const char *const minimal[] = {"FILE", "PKG", "VERSION", NULL};
	static const char *const full[] = {"FILE", "METADATA", NULL};
	enum trw_claim a = trw_listdb_claim(head, minimal), b = trw_listdb_claim(head, full);

	return a > b ? a : b;
}

const struct trw_format trw_format_nsrl_v3 = {.name = "nsrl-v3",
	.summary = "NSRL RDS v3, minimal or full: a SQLite database",
	.probe = nsrl_probe,
	.read = nsrl_read,
	.chain = TRW_CHAIN_BASE};
