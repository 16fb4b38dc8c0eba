/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iped-hashes.db (HashDBDataSource.java of github.com/sepinf-inc/IPED). HASHES_PROPERTIES has its
 * primary key in the order of HASH_ID, as HASHES: both are read side by side. Values that IPED
 * joined with '|' stay joined.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/listdb_rows.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAMES_MAX 4096 /* different properties */

struct name {
	sqlite3_int64 id;
	char text[TRW_PROPERTY_NAME_MAX + 1];
};

struct iped {
	struct trw_list *l;
	struct trw_listdb_beside values;
	struct name *names;
	size_t n_names, cap_names;
};

/* "photoDna" to "photodna": lower-case words. */
static void
normalize(const char *p, size_t n, char out[TRW_PROPERTY_NAME_MAX + 1])
{
	size_t i = 0;

	for (; i < n && i < TRW_PROPERTY_NAME_MAX; i++) {
		char c = p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			c = '_';
		out[i] = c;
	}
	out[i] = '\0';
}

static enum trw_status
read_names(struct iped *d, struct trw_listdb *db, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_listdb_prepare(db,
		"SELECT PROPERTY_ID, PROPERTY_NAME FROM PROPERTIES", TRW_LISTDB_STREAM, &stmt, err);

	while (status == TRW_OK && (status = trw_listdb_step(db, stmt, err)) == TRW_OK) {
		size_t n;
		const char *p = trw_listdb_text(stmt, 1, &n);
		struct name *names = trw_grow(
			d->names, d->n_names, &d->cap_names, sizeof(*d->names), NAMES_MAX, err);
		if (names == NULL) {
			status = trw_fail_in(err, "names of properties");
			break;
		}
		d->names = names;
		names[d->n_names].id = sqlite3_column_int64(stmt, 0);
		normalize(p, n, names[d->n_names++].text);
	}
	(void)sqlite3_finalize(stmt);
	return status == TRW_END ? TRW_OK : status;
}

static enum trw_status
open_iped(void *ctx, struct trw_listdb *db, sqlite3_stmt **rows, struct trw_err *err)
{
	struct iped *d = ctx;
	static const char *const wanted[] = {"MD5", "SHA1", "SHA256", "SHA512", "EDONKEY"};
	const char *c[5];
	char sql[160];
	enum trw_status status;

	for (size_t i = 0; i < 5; i++)
		c[i] = trw_listdb_has(db, "HASHES", wanted[i]) ? wanted[i] : "NULL";
	if (!trw_listdb_has(db, "HASHES", "HASH_ID") ||
		!trw_listdb_has(db, "HASHES_PROPERTIES", "VALUE") ||
		!trw_listdb_has(db, "PROPERTIES", "PROPERTY_NAME"))
		return trw_fail(err, TRW_ECORRUPT, "it lacks tables or columns of IPED's");
	(void)sqlite3_snprintf(sizeof(sql), sql,
		"SELECT HASH_ID, %s, %s, %s, %s, %s FROM HASHES ORDER BY HASH_ID", c[0], c[1], c[2],
		c[3], c[4]);
	status = trw_listdb_prepare(db, sql, TRW_LISTDB_STREAM, rows, err);
	if (status == TRW_END)
		status = trw_fail(err, TRW_ECORRUPT, "its HASHES have no primary key");
	if (status == TRW_OK)
		status = trw_listdb_beside_open(&d->values, db,
			"SELECT HASH_ID, PROPERTY_ID, VALUE FROM HASHES_PROPERTIES "
			"ORDER BY HASH_ID, PROPERTY_ID",
			err);
	return status == TRW_OK ? read_names(d, db, err) : status;
}

static void
close_iped(void *ctx)
{
	struct iped *d = ctx;

	trw_listdb_beside_close(&d->values);
	free(d->names);
}

/* "known", and nothing else among values joined with '|'. */
static bool
is_known(const char *p, size_t n)
{
	while (n > 0) {
		const char *bar = memchr(p, '|', n);
		size_t len = bar == NULL ? n : (size_t)(bar - p);
		if (len != 5 || strncasecmp(p, "known", 5) != 0)
			return false;
		n -= bar == NULL ? n : len + 1;
		p += bar == NULL ? 0 : len + 1;
	}
	return true;
}

static void
take_value(struct iped *d)
{
	sqlite3_int64 id = sqlite3_column_int64(d->values.stmt, 1);
	struct trw_draft *draft = d->l->draft;
	const char *name = NULL, *p;
	size_t n;

	for (size_t i = 0; i < d->n_names && name == NULL; i++)
		if (d->names[i].id == id)
			name = d->names[i].text;
	p = trw_listdb_text(d->values.stmt, 2, &n);
	if (name != NULL && strcmp(name, "status") == 0) {
		draft->entry.is_suspect = !is_known(p, n);
		if (n <= TRW_CATEGORY_MAX) {
			trw_draft_category(draft, "IPED-status", 11, p, n);
			return;
		}
	}
	if (name == NULL || name[0] == '\0' || draft->entry.n_properties == TRW_PROPERTIES_MAX)
		trw_list_leave(d->l, "properties", 1);
	else
		trw_draft_property(draft, name, p, n);
}

static enum trw_status
take_hash(void *ctx, sqlite3_stmt *row, uint64_t number, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {
		TRW_HASH_MD5, TRW_HASH_SHA1, TRW_HASH_SHA256, TRW_HASH_SHA512};
	struct iped *d = ctx;
	struct trw_draft *draft = trw_draft_begin(d->l, err);
	sqlite3_int64 id = sqlite3_column_int64(row, 0);
	enum trw_status status;
	bool is_own;

	for (int i = 0; i < 4 && !trw_draft_is_bad(draft); i++)
		trw_listdb_draft_digest(draft, row, i + 1, kinds[i]);
	if (sqlite3_column_type(row, 5) != SQLITE_NULL)
		trw_list_leave(d->l, "eDonkey digests", 1);
	if (draft->entry.kinds == 0)
		trw_draft_refuse(draft, "no digest that is known here");
	while ((status = trw_listdb_beside_next(&d->values, id, &is_own, err)) == TRW_OK)
		if (is_own)
			take_value(d);
	return status < 0 ? status : trw_draft_give(draft, "row", number);
}

static enum trw_status
iped_read(struct trw_list *l, struct trw_err *err)
{
	struct iped d = {.l = l};
	const struct trw_listdb_calls calls = {&d, open_iped, take_hash, close_iped};

	return trw_listdb_rows(l, &calls, err);
}

static enum trw_claim
iped_probe(const struct trw_head *head)
{
	static const char *const names[] = {"HASHES", "HASHES_PROPERTIES", "PROPERTIES", NULL};

	return trw_listdb_claim(head, names);
}

const struct trw_format trw_format_iped = {.name = "iped",
	.summary = "IPED's hash database (iped-hashes.db)",
	.probe = iped_probe,
	.read = iped_read};
