/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_id is the first 62 bits of a SHA-256 over what the row says, so equal contents of any two images,
 * runs or threads get one id without looking anything up. Two different contents that fall on one id
 * (nobody has seen it) take the next free ids in the order of their arrival; that is the one way in which
 * ids could differ between two runs, and the canonical digest therefore never looks at content_id.
 */
#include "evidence/content.h"

#include "base/bytes.h"

#include <string.h>

int64_t
trw_content_id(struct trw_evidence *ev, const struct trw_evidence_content *content)
{
	const struct trw_ranges *damage = content->damage;
	struct trw_encoder e;
	uint8_t sha256[32];
	int64_t id;

	trw_encode_start(&e, ev->digester);
	trw_encode_row(&e);
	trw_encode_int(&e, content->state);
	trw_encode_int(&e, content->size > INT64_MAX ? INT64_MAX : (int64_t)content->size);
	trw_encode_blob(&e, content->md5, 16);
	trw_encode_blob(&e, content->sha1, 20);
	trw_encode_blob(&e, content->sha256, 32);
	if (content->state == TRW_DIGEST_NONE)
		trw_encode_int(&e, content->file_id);
	else
		trw_encode_null(&e);
	for (size_t i = 0; damage != NULL && i < damage->n; i++) {
		trw_encode_row(&e);
		trw_encode_int(&e, (int64_t)damage->v[i].off);
		trw_encode_int(&e, (int64_t)damage->v[i].len);
		trw_encode_int(&e, damage->v[i].why);
	}
	trw_encode_finish(&e, sha256);
	id = (int64_t)(trw_le64(sha256) & (uint64_t)TRW_CONTENT_ID_MASK);
	return id == 0 ? 1 : id;
}

/* TRW_OK: inserted; TRW_END: the id is taken. */
static enum trw_status
insert(struct trw_evidence *ev, int64_t id, const struct trw_evidence_content *c,
	struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CONTENT,
		"INSERT INTO content (content_id, state, size, md5, sha1, sha256, file_id)"
		" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (content_id) DO NOTHING",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, id);
	trw_row_int(&row, c->state);
	trw_row_length(&row, c->size);
	trw_row_blob(&row, c->md5, 16);
	trw_row_blob(&row, c->sha1, 20);
	trw_row_blob(&row, c->sha256, 32);
	trw_row_id(&row, c->state == TRW_DIGEST_NONE ? c->file_id : 0);
	if ((status = trw_row_end(&row, err)) < 0)
		return status;
	return sqlite3_changes(ev->db) == 0 ? TRW_END : TRW_OK;
}

static enum trw_status
damage_add(struct trw_evidence *ev, int64_t id, const struct trw_range *range, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CONTENT_DAMAGE,
		"INSERT INTO content_damage (content_id, off, len, why) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_row_int(&row, id);
	trw_row_length(&row, range->off);
	trw_row_length(&row, range->len);
	trw_row_text(&row, trw_damage_text(range->why));
	return trw_row_end(&row, err);
}

static enum trw_status
has_same_damage(struct trw_evidence *ev, int64_t id, const struct trw_ranges *damage, bool *is_same,
	struct trw_err *err)
{
	size_t n = damage == NULL ? 0 : damage->n, i = 0;
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CONTENT_DAMAGE_GET,
		"SELECT off, len, why FROM content_damage WHERE content_id = ? ORDER BY off", &row,
		err);
	int rc;

	if (status < 0)
		return status;
	trw_row_int(&row, id);
	while ((rc = sqlite3_step(row.stmt)) == SQLITE_ROW) {
		const char *why = (const char *)sqlite3_column_text(row.stmt, 2);
		if (i == n || damage->v[i].off != (uint64_t)sqlite3_column_int64(row.stmt, 0) ||
			damage->v[i].len != (uint64_t)sqlite3_column_int64(row.stmt, 1) ||
			why == NULL || strcmp(why, trw_damage_text(damage->v[i].why)) != 0)
			break;
		i++;
	}
	*is_same = rc == SQLITE_DONE && i == n;
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_reset(row.stmt);
	return status;
}

/* Does the row that holds this id say the same as c? */
static enum trw_status
is_same_content(struct trw_evidence *ev, int64_t id, const struct trw_evidence_content *c,
	bool *is_same, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CONTENT_SAME,
		"SELECT 1 FROM content WHERE content_id = ? AND state = ? AND size = ? AND md5 IS ?"
		" AND sha1 IS ? AND sha256 IS ? AND file_id IS ?",
		&row, err);
	int rc;

	if (status < 0)
		return status;
	trw_row_int(&row, id);
	trw_row_int(&row, c->state);
	trw_row_length(&row, c->size);
	trw_row_blob(&row, c->md5, 16);
	trw_row_blob(&row, c->sha1, 20);
	trw_row_blob(&row, c->sha256, 32);
	trw_row_id(&row, c->state == TRW_DIGEST_NONE ? c->file_id : 0);
	rc = row.rc == SQLITE_OK ? sqlite3_step(row.stmt) : row.rc;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_reset(row.stmt);
	*is_same = rc == SQLITE_ROW;
	return status < 0 || !*is_same ? status : has_same_damage(ev, id, c->damage, is_same, err);
}

/* The row of this content, made when it is new. */
static enum trw_status
find_or_add(struct trw_evidence *ev, const struct trw_evidence_content *c, int64_t *out,
	struct trw_err *err)
{
	int64_t id = trw_content_id(ev, c);
	enum trw_status status;

	while ((status = insert(ev, id, c, err)) == TRW_END) {
		bool is_same = false;
		if ((status = is_same_content(ev, id, c, &is_same, err)) < 0)
			return status;
		if (is_same) {
			*out = id;
			return TRW_OK;
		}
		id = id == TRW_CONTENT_ID_MASK ? 1 : id + 1;
	}
	for (size_t i = 0; status == TRW_OK && c->damage != NULL && i < c->damage->n; i++)
		status = damage_add(ev, id, &c->damage->v[i], err);
	*out = id;
	return status;
}

enum trw_status
trw_evidence_content_set(
	struct trw_evidence *ev, const struct trw_evidence_content *content, struct trw_err *err)
{
	struct trw_evidence_content c = *content;
	struct trw_row row;
	int64_t id;
	enum trw_status status;

	if (c.state == TRW_DIGEST_NONE)
		c.md5 = c.sha1 = c.sha256 = NULL;
	else if (c.md5 == NULL || c.sha1 == NULL || c.sha256 == NULL)
		return trw_fail(
			err, TRW_EUSAGE, "file %" PRId64 ": a digest is missing", c.file_id);
	if (c.state == TRW_DIGEST_COMPLETE && c.damage != NULL && c.damage->n > 0)
		return trw_fail(err, TRW_EUSAGE, "file %" PRId64 ": complete and damaged at once",
			c.file_id);
	if ((status = find_or_add(ev, &c, &id, err)) < 0 ||
		(status = trw_row_start(ev, TRW_STMT_CONTENT_BIND,
			 "INSERT INTO file_content (file_id, content_id) VALUES (?, ?)", &row,
			 err)) < 0)
		return trw_fail_in(err, "content of file %" PRId64, c.file_id);
	trw_row_int(&row, c.file_id);
	trw_row_int(&row, id);
	status = trw_row_end(&row, err);
	return status < 0 ? trw_fail_in(err, "content of file %" PRId64, c.file_id) : status;
}
