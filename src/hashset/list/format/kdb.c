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
#include "hashset/list/syntax/listdb.h"

struct kdb {
	struct trw_list *l;
	struct trw_listdb *db;
	sqlite3_stmt *hashes, *names, *comments;
	bool has_name, has_comment; /* the statement stands on a row */
};

static enum trw_status
advance(struct kdb *k, sqlite3_stmt *stmt, bool *has, struct trw_err *err)
{
	enum trw_status status = stmt == NULL ? TRW_END : trw_listdb_step(k->db, stmt, err);

	*has = status == TRW_OK;
	return status < 0 ? status : TRW_OK;
}

static enum trw_status
open_kdb(struct kdb *k, struct trw_err *err)
{
	struct trw_listdb *db = k->db;
	char sql[128];
	enum trw_status status;

	if (!trw_listdb_has(db, "hashes", "id") || !trw_listdb_has(db, "hashes", "md5"))
		return trw_fail(err, TRW_ECORRUPT, "it has no table hashes with an id and an md5");
	(void)sqlite3_snprintf(sizeof(sql), sql, "SELECT id, md5, %s, %s FROM hashes ORDER BY id",
		trw_listdb_has(db, "hashes", "sha1") ? "sha1" : "NULL",
		trw_listdb_has(db, "hashes", "sha2_256") ? "sha2_256" : "NULL");
	status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, &k->hashes, err);
	if (status == TRW_END)
		status = trw_fail(err, TRW_ECORRUPT, "its hashes have no primary key");
	if (status == TRW_OK && trw_listdb_has(db, "file_names", "hash_id"))
		status = trw_listdb_prepare(db,
			"SELECT hash_id, name FROM file_names ORDER BY hash_id, name",
			TRW_LISTDB_SORT, &k->names, err);
	if (status == TRW_OK && trw_listdb_has(db, "comments", "hash_id"))
		status = trw_listdb_prepare(db,
			"SELECT hash_id, comment FROM comments ORDER BY hash_id, comment",
			TRW_LISTDB_SORT, &k->comments, err);
	if (status == TRW_OK)
		status = advance(k, k->names, &k->has_name, err);
	if (status == TRW_OK)
		status = advance(k, k->comments, &k->has_comment, err);
	return status;
}

/* The first name; a database may have more, an entry has one. */
static enum trw_status
take_names(struct kdb *k, sqlite3_int64 id, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	bool is_first = true;

	while (status == TRW_OK && k->has_name && sqlite3_column_int64(k->names, 0) <= id) {
		size_t n;
		const char *p = trw_listdb_text(k->names, 1, &n);
		if (sqlite3_column_int64(k->names, 0) < id || !is_first) {
			trw_list_leave(k->l, "further names of a file", 1);
		} else {
			status = trw_draft_name(k->l->draft, p, n, err);
			is_first = false;
		}
		if (status == TRW_OK)
			status = advance(k, k->names, &k->has_name, err);
	}
	return status;
}

static enum trw_status
take_comments(struct kdb *k, sqlite3_int64 id, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	struct trw_buf text = {.max = TRW_LISTDB_VALUE_MAX};

	while (status == TRW_OK && k->has_comment && sqlite3_column_int64(k->comments, 0) <= id) {
		size_t n;
		const char *p = trw_listdb_text(k->comments, 1, &n);
		if (sqlite3_column_int64(k->comments, 0) < id || n + 1 > text.max - text.n) {
			trw_list_leave(k->l, "comments", 1);
		} else {
			if (text.n > 0)
				status = trw_buf_put(&text, "\n", 1, err);
			if (status == TRW_OK)
				status = trw_buf_put(&text, p, n, err);
		}
		if (status == TRW_OK)
			status = advance(k, k->comments, &k->has_comment, err);
	}
	if (status == TRW_OK && text.n > 0)
		status = trw_draft_property(
			k->l->draft, "comments", (const char *)text.v, text.n, err);
	trw_buf_clear(&text);
	return status;
}

static enum trw_status
take_hash(struct kdb *k, uint64_t row, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {TRW_HASH_MD5, TRW_HASH_SHA1, TRW_HASH_SHA256};
	sqlite3_int64 id = sqlite3_column_int64(k->hashes, 0);
	const char *reason = NULL;
	enum trw_status status;

	trw_draft_begin(k->l);
	for (int i = 0; i < 3 && reason == NULL; i++)
		reason = trw_listdb_digest(k->hashes, i + 1, kinds[i], &k->l->draft->entry);
	if (reason == NULL && k->l->draft->entry.kinds == 0)
		reason = "no digest";
	status = take_names(k, id, err);
	if (status == TRW_OK)
		status = take_comments(k, id, err);
	if (status < 0)
		return status;
	if (reason != NULL)
		return trw_list_reject(k->l, "row", row, reason, err);
	return trw_draft_give(k->l->draft, err);
}

static enum trw_status
kdb_read(struct trw_list *l, struct trw_err *err)
{
	struct kdb k = {.l = l};
	uint64_t n_rows = 0;
	enum trw_status status = trw_listdb_open(l->input, &k.db, err);

	if (status == TRW_OK)
		status = trw_listdb_check(k.db, err);
	if (status == TRW_OK && (status = open_kdb(&k, err)) == TRW_ECORRUPT)
		status = trw_fail_in(err, "%s", trw_input_name(l->input));
	while (status == TRW_OK && (status = trw_listdb_step(k.db, k.hashes, err)) == TRW_OK)
		status = take_hash(&k, ++n_rows, err);
	(void)sqlite3_finalize(k.hashes);
	(void)sqlite3_finalize(k.names);
	(void)sqlite3_finalize(k.comments);
	trw_listdb_close(k.db);
	return status == TRW_END ? TRW_OK : status;
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
