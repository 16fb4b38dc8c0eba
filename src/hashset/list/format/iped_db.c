/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iped-hashes.db (HashDBDataSource.java of github.com/sepinf-inc/IPED). HASHES_PROPERTIES has its
 * primary key in the order of HASH_ID, as HASHES: both are read side by side. Values that IPED
 * joined with '|' stay joined.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/listdb.h"

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
	struct trw_listdb *db;
	sqlite3_stmt *hashes, *values;
	bool has_value; /* values stands on a row */
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
read_names(struct iped *d, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_listdb_prepare(d->db,
		"SELECT PROPERTY_ID, PROPERTY_NAME FROM PROPERTIES", TRW_LISTDB_STREAM, &stmt, err);

	while (status == TRW_OK && (status = trw_listdb_step(d->db, stmt, err)) == TRW_OK) {
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
next_value(struct iped *d, struct trw_err *err)
{
	enum trw_status status = trw_listdb_step(d->db, d->values, err);

	d->has_value = status == TRW_OK;
	return status < 0 ? status : TRW_OK;
}

static enum trw_status
open_iped(struct iped *d, struct trw_err *err)
{
	static const char *const wanted[] = {"MD5", "SHA1", "SHA256", "SHA512", "EDONKEY"};
	const char *c[5];
	char sql[160];
	enum trw_status status;

	for (size_t i = 0; i < 5; i++)
		c[i] = trw_listdb_has(d->db, "HASHES", wanted[i]) ? wanted[i] : "NULL";
	if (!trw_listdb_has(d->db, "HASHES", "HASH_ID") ||
		!trw_listdb_has(d->db, "HASHES_PROPERTIES", "VALUE") ||
		!trw_listdb_has(d->db, "PROPERTIES", "PROPERTY_NAME"))
		return trw_fail(err, TRW_ECORRUPT, "it lacks tables or columns of IPED's");
	(void)sqlite3_snprintf(sizeof(sql), sql,
		"SELECT HASH_ID, %s, %s, %s, %s, %s FROM HASHES ORDER BY HASH_ID", c[0], c[1], c[2],
		c[3], c[4]);
	status = trw_listdb_prepare(d->db, sql, TRW_LISTDB_STREAM, &d->hashes, err);
	if (status == TRW_END)
		status = trw_fail(err, TRW_ECORRUPT, "its HASHES have no primary key");
	if (status == TRW_OK)
		status = trw_listdb_prepare(d->db,
			"SELECT HASH_ID, PROPERTY_ID, VALUE FROM HASHES_PROPERTIES "
			"ORDER BY HASH_ID, PROPERTY_ID",
			TRW_LISTDB_SORT, &d->values, err);
	if (status == TRW_OK)
		status = read_names(d, err);
	return status == TRW_OK ? next_value(d, err) : status;
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

static enum trw_status
take_value(struct iped *d, struct trw_err *err)
{
	sqlite3_int64 id = sqlite3_column_int64(d->values, 1);
	const char *name = NULL, *p;
	size_t n;

	for (size_t i = 0; i < d->n_names && name == NULL; i++)
		if (d->names[i].id == id)
			name = d->names[i].text;
	p = trw_listdb_text(d->values, 2, &n);
	if (name != NULL && strcmp(name, "status") == 0) {
		d->l->draft->entry.is_suspect = !is_known(p, n);
		if (n <= TRW_CATEGORY_MAX)
			return trw_draft_category(d->l->draft, "IPED-status", 11, p, n, err);
	}
	if (name == NULL || name[0] == '\0' ||
		d->l->draft->entry.n_properties == TRW_PROPERTIES_MAX) {
		trw_list_leave(d->l, "properties", 1);
		return TRW_OK;
	}
	return trw_draft_property(d->l->draft, name, p, n, err);
}

static enum trw_status
take_hash(struct iped *d, uint64_t row, struct trw_err *err)
{
	static const enum trw_hash_kind kinds[] = {
		TRW_HASH_MD5, TRW_HASH_SHA1, TRW_HASH_SHA256, TRW_HASH_SHA512};
	sqlite3_int64 id = sqlite3_column_int64(d->hashes, 0);
	enum trw_status status = TRW_OK;
	const char *reason = NULL;

	trw_draft_begin(d->l);
	for (int i = 0; i < 4 && reason == NULL; i++)
		reason = trw_listdb_digest(d->hashes, i + 1, kinds[i], &d->l->draft->entry);
	if (sqlite3_column_type(d->hashes, 5) != SQLITE_NULL)
		trw_list_leave(d->l, "eDonkey digests", 1);
	if (reason == NULL && d->l->draft->entry.kinds == 0)
		reason = "no digest that is known here";
	while (status == TRW_OK && d->has_value && sqlite3_column_int64(d->values, 0) <= id) {
		if (sqlite3_column_int64(d->values, 0) == id)
			status = take_value(d, err);
		if (status == TRW_OK)
			status = next_value(d, err);
	}
	if (status < 0)
		return status;
	if (reason != NULL)
		return trw_list_reject(d->l, "row", row, reason, err);
	return trw_draft_give(d->l->draft, err);
}

static enum trw_status
iped_read(struct trw_list *l, struct trw_err *err)
{
	struct iped d = {.l = l};
	uint64_t n_rows = 0;
	enum trw_status status = trw_listdb_open(l->input, &d.db, err);

	if (status == TRW_OK)
		status = trw_listdb_check(d.db, err);
	if (status == TRW_OK && (status = open_iped(&d, err)) == TRW_ECORRUPT)
		status = trw_fail_in(err, "%s", trw_input_name(l->input));
	while (status == TRW_OK && (status = trw_listdb_step(d.db, d.hashes, err)) == TRW_OK)
		status = take_hash(&d, ++n_rows, err);
	(void)sqlite3_finalize(d.hashes);
	(void)sqlite3_finalize(d.values);
	free(d.names);
	trw_listdb_close(d.db);
	return status == TRW_END ? TRW_OK : status;
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
