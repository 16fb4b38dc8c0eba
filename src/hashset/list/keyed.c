/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/keyed.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct trw_keyed {
	sqlite3 *db;
	sqlite3_stmt *put;
	struct trw_buf record; /* scratch */
};

static enum trw_status
fail(const struct trw_keyed *k, struct trw_err *err)
{
	return trw_fail(err, TRW_EDB,
		"temporary database of keyed entries: %s; free space in the temporary folder",
		k->db == NULL ? "out of memory" : sqlite3_errmsg(k->db));
}

enum trw_status
trw_keyed_new(struct trw_keyed **out, struct trw_err *err)
{
	struct trw_keyed *k = trw_alloc(1, sizeof(*k), err);

	if (k == NULL)
		return TRW_ENOMEM;
	/* A name without a character is a temporary file that SQLite removes. */
	if (sqlite3_open_v2("", &k->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK ||
		sqlite3_exec(k->db,
			"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
			"CREATE TABLE keyed (key BLOB PRIMARY KEY, rank INTEGER NOT NULL, entry BLOB)"
			" WITHOUT ROWID; BEGIN",
			NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(k->db,
			"INSERT INTO keyed (key, rank, entry) VALUES (?, ?, ?) ON CONFLICT (key)"
			" DO UPDATE SET rank = excluded.rank, entry = excluded.entry"
			" WHERE excluded.rank >= rank",
			-1, &k->put, NULL) != SQLITE_OK) {
		enum trw_status st = fail(k, err);
		trw_keyed_free(k);
		return st;
	}
	*out = k;
	return TRW_OK;
}

void
trw_keyed_free(struct trw_keyed *k)
{
	if (k == NULL)
		return;
	(void)sqlite3_finalize(k->put);
	(void)sqlite3_close(k->db);
	trw_buf_clear(&k->record);
	free(k);
}

/* ---- an entry as bytes ---- */

static enum trw_status
text_put(struct trw_buf *b, const char *p, size_t n, struct trw_err *err)
{
	enum trw_status st = trw_buf_u32(b, (uint32_t)n, err);

	return st < 0 ? st : trw_buf_put(b, p, n, err);
}

static enum trw_status
digests_put(struct trw_buf *b, const struct trw_entry *e, struct trw_err *err)
{
	enum trw_status st = trw_buf_u32(b, e->kinds, err);

	for (int i = 0; st == TRW_OK && i < TRW_HASH_N; i++)
		if ((e->kinds & TRW_HASH_BIT(i)) != 0)
			st = trw_buf_put(
				b, e->digest[i], trw_hash_size((enum trw_hash_kind)i), err);
	return st;
}

static enum trw_status
entry_put(struct trw_buf *b, const struct trw_entry *e, struct trw_err *err)
{
	enum trw_status st;

	b->n = 0;
	if ((st = digests_put(b, e, err)) < 0 || (st = trw_buf_u64(b, e->size, err)) < 0 ||
		(st = trw_buf_u8(b, e->is_suspect, err)) < 0 ||
		(st = text_put(b, e->scheme, e->scheme_len, err)) < 0 ||
		(st = text_put(b, e->category, e->category_len, err)) < 0 ||
		(st = text_put(b, e->name, e->name_len, err)) < 0)
		return st;
	st = trw_buf_u32(b, (uint32_t)e->n_properties, err);
	for (size_t i = 0; st == TRW_OK && i < e->n_properties; i++) {
		const struct trw_property *p = &e->properties[i];
		st = text_put(b, p->name, p->name_len, err);
		if (st == TRW_OK)
			st = text_put(b, p->value, p->value_len, err);
	}
	return st;
}

static const char *
text_get(struct trw_cur *c, size_t *n)
{
	return (const char *)trw_cur_bytes(c, SIZE_MAX, n);
}

static bool
entry_get(const void *p, size_t n, struct trw_entry *e, struct trw_property *room)
{
	struct trw_cur c = {.p = p, .left = n};

	trw_entry_reset(e);
	e->kinds = trw_cur_u32(&c);
	for (int i = 0; i < TRW_HASH_N && !c.bad; i++) {
		size_t size = trw_hash_size((enum trw_hash_kind)i);
		if ((e->kinds & TRW_HASH_BIT(i)) == 0)
			continue;
		if (c.left < size)
			return false;
		memcpy(e->digest[i], c.p, size);
		c.p += size;
		c.left -= size;
	}
	e->size = trw_cur_u64(&c);
	e->is_suspect = trw_cur_u8(&c) != 0;
	e->scheme = text_get(&c, &e->scheme_len);
	e->category = text_get(&c, &e->category_len);
	e->name = text_get(&c, &e->name_len);
	e->n_properties = trw_cur_u32(&c);
	if (e->n_properties > TRW_PROPERTIES_MAX)
		return false;
	for (size_t i = 0; i < e->n_properties; i++) {
		room[i].name = text_get(&c, &room[i].name_len);
		room[i].value = text_get(&c, &room[i].value_len);
	}
	e->properties = room;
	return !c.bad;
}

enum trw_status
trw_keyed_put(struct trw_keyed *k, const void *key, size_t key_len, int64_t rank,
	const struct trw_entry *entry, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	int rc;

	if (key_len > TRW_KEY_MAX)
		return trw_fail(err, TRW_ELIMIT, "the key of an entry is longer than %d bytes",
			TRW_KEY_MAX);
	if (entry != NULL)
		st = entry_put(&k->record, entry, err);
	if (st < 0)
		return st;
	(void)sqlite3_bind_blob(k->put, 1, key, (int)key_len, SQLITE_STATIC);
	(void)sqlite3_bind_int64(k->put, 2, rank);
	if (entry == NULL)
		(void)sqlite3_bind_null(k->put, 3);
	else
		(void)sqlite3_bind_blob64(k->put, 3, k->record.v, k->record.n, SQLITE_STATIC);
	rc = sqlite3_step(k->put);
	if (rc != SQLITE_DONE)
		st = fail(k, err);
	(void)sqlite3_reset(k->put);
	return st;
}

/* The key that was withdrawn last, in their order: its parts come right behind it. */
struct gone {
	uint8_t key[TRW_KEY_MAX];
	size_t n;
	int64_t rank;
	bool is_set;
};

/* Is there an entry in this row that counts? Columns: key, rank, entry. */
static bool
row_counts(sqlite3_stmt *row, struct gone *gone)
{
	const uint8_t *key = sqlite3_column_blob(row, 0);
	size_t n = (size_t)sqlite3_column_bytes(row, 0);
	int64_t rank = sqlite3_column_int64(row, 1);

	if (sqlite3_column_type(row, 2) != SQLITE_NULL)
		return !gone->is_set || n <= gone->n || rank >= gone->rank || key[gone->n] != 0 ||
		       memcmp(key, gone->key, gone->n) != 0;
	if (n > 0)
		memcpy(gone->key, key, n);
	gone->n = n;
	gone->rank = rank;
	gone->is_set = true;
	return false;
}

enum trw_status
trw_keyed_each(struct trw_keyed *k,
	enum trw_status (*take)(void *ctx, const struct trw_entry *entry, struct trw_err *err),
	void *ctx, struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct gone gone = {.is_set = false};
	struct trw_entry entry;
	sqlite3_stmt *stmt = NULL;
	enum trw_status st = TRW_OK;
	int rc = SQLITE_DONE;

	if (sqlite3_prepare_v2(k->db, "SELECT key, rank, entry FROM keyed ORDER BY key", -1, &stmt,
		    NULL) != SQLITE_OK)
		return fail(k, err);
	while (st == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!row_counts(stmt, &gone))
			continue;
		const void *p = sqlite3_column_blob(stmt, 2);
		size_t n = (size_t)sqlite3_column_bytes(stmt, 2);
		st = entry_get(p, n, &entry, room) ? take(ctx, &entry, err) : fail(k, err);
	}
	if (st == TRW_OK && rc != SQLITE_DONE)
		st = fail(k, err);
	(void)sqlite3_finalize(stmt);
	return st;
}
