/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash databases of Autopsy and The Sleuth Kit (tsk/hashdb/sqlite_hdb.cpp of
 * github.com/sleuthkit/sleuthkit). Names and comments are tables of their own, keyed by the hash's
 * id: all three are read in the order of the id, side by side. They have no index by it, so those
 * two are sorted.
 */
#include "hashset/list/format/kdb.h"
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/listdb_rows.h"

struct kdb {
	struct trw_list *l;
	struct trw_listdb_beside names, comments;
};

static enum trw_status
open_kdb(void *ctx, struct trw_listdb *db, sqlite3_stmt **rows, struct trw_err *err)
{
	struct kdb *k = ctx;
	char sql[128];
	enum trw_status status;

	if (!trw_listdb_has(db, "hashes", "id") || !trw_listdb_has(db, "hashes", "md5"))
		return trw_fail(err, TRW_ECORRUPT, "it has no table hashes with an id and an md5");
	(void)sqlite3_snprintf(sizeof(sql), sql, "SELECT id, md5, %s, %s FROM hashes ORDER BY id",
		trw_listdb_has(db, "hashes", "sha1") ? "sha1" : "NULL",
		trw_listdb_has(db, "hashes", "sha2_256") ? "sha2_256" : "NULL");
	status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, rows, err);
	if (status == TRW_END)
		status = trw_fail(err, TRW_ECORRUPT, "its hashes have no primary key");
	if (status == TRW_OK && trw_listdb_has(db, "file_names", "hash_id"))
		status = trw_listdb_beside_open(&k->names, db,
			"SELECT hash_id, name FROM file_names ORDER BY hash_id, name", err);
	if (status == TRW_OK && trw_listdb_has(db, "comments", "hash_id"))
		status = trw_listdb_beside_open(&k->comments, db,
			"SELECT hash_id, comment FROM comments ORDER BY hash_id, comment", err);
	return status;
}

static void
close_kdb(void *ctx)
{
	struct kdb *k = ctx;

	trw_listdb_beside_close(&k->names);
	trw_listdb_beside_close(&k->comments);
}

/* The first name; a database may have more, an entry has one. */
static enum trw_status
take_names(struct kdb *k, sqlite3_int64 id, struct trw_err *err)
{
	enum trw_status status;
	bool is_first = true, is_own;

	while ((status = trw_listdb_beside_next(&k->names, id, &is_own, err)) == TRW_OK) {
		size_t n;
		const char *p = trw_listdb_text(k->names.stmt, 1, &n);
		if (!is_own || !is_first)
			trw_list_leave(k->l, "further names of a file", 1);
		else
			trw_draft_name(k->l->draft, p, n);
		is_first = is_first && !is_own;
	}
	return status;
}

static enum trw_status
take_comments(struct kdb *k, sqlite3_int64 id, struct trw_err *err)
{
	enum trw_status status;
	struct trw_buf text = {.max = TRW_LISTDB_VALUE_MAX};
	bool is_own;

	while ((status = trw_listdb_beside_next(&k->comments, id, &is_own, err)) == TRW_OK) {
		size_t n;
		const char *p = trw_listdb_text(k->comments.stmt, 1, &n);
		if (!is_own || n + 1 > text.max - text.n) {
			trw_list_leave(k->l, "comments", 1);
			continue;
		}
		if (text.n > 0)
			status = trw_buf_put(&text, "\n", 1, err);
		if (status == TRW_OK)
			status = trw_buf_put(&text, p, n, err);
		if (status < 0)
			break;
	}
	if (status == TRW_END)
		trw_draft_property(k->l->draft, "comments", (const char *)text.v, text.n);
	trw_buf_clear(&text);
	return status;
}

static enum trw_status
take_hash(void *ctx, sqlite3_stmt *row, uint64_t number, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {TRW_HASH_MD5, TRW_HASH_SHA1, TRW_HASH_SHA256};
	struct kdb *k = ctx;
	struct trw_draft *d = trw_draft_begin(k->l, err);
	sqlite3_int64 id = sqlite3_column_int64(row, 0);
	enum trw_status status;

	for (int i = 0; i < 3 && !trw_draft_is_bad(d); i++)
		trw_listdb_draft_digest(d, row, i + 1, kinds[i]);
	trw_draft_need_digest(d);
	if ((status = take_names(k, id, err)) < 0 || (status = take_comments(k, id, err)) < 0)
		return status;
	return trw_draft_give(d, "row", number);
}

static enum trw_status
kdb_read(struct trw_list *l, struct trw_err *err)
{
	struct kdb k = {.l = l};
	const struct trw_listdb_calls calls = {&k, open_kdb, take_hash, close_kdb};

	return trw_listdb_rows(l, &calls, err);
}

static enum trw_claim
kdb_probe(const struct trw_head *head)
{
	static const char *const names[] = {"db_properties", "hashes", NULL};

	return trw_listdb_claim(head, names);
}

const struct trw_format trw_format_kdb = {.name = "kdb",
	.summary = "Autopsy and TSK hash database (.kdb)",
	.probe = kdb_probe,
	.read = kdb_read,
	.write = trw_kdb_write};
