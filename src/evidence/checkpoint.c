/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is made for each item when the run begins, gets first_file when its image is begun, and goes when the
 * run is complete. Images are indexed one after the other and ids are positions, so the files of the last image
 * that was begun are those from first_file on.
 *
 * damage: for each range its offset and length, 8 bytes each, little endian, and one byte, enum trw_damage.
 */
#include "evidence/checkpoint.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/text.h"

#include <string.h>

#define DAMAGE_SIZE 17 /* bytes of one range */

static enum trw_status
item_add(struct trw_evidence *ev, int64_t run_id, size_t number,
	const struct trw_evidence_item *item, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CHECKPOINT_ITEM,
		"INSERT INTO checkpoint (image_id, run_id, name, size, fingerprint)"
		" VALUES ((SELECT coalesce(max(image_id), 0) FROM image) + ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, (int64_t)number + 1);
	trw_row_int(&row, run_id);
	trw_row_text(&row, trw_base_name(item->name));
	trw_row_length(&row, item->size);
	trw_row_blob(&row, item->fingerprint, sizeof(item->fingerprint));
	return trw_row_end(&row, err);
}

enum trw_status
trw_checkpoints_begin(struct trw_evidence *ev, int64_t run_id, const struct trw_evidence_run *run,
	struct trw_err *err)
{
	enum trw_status status = trw_store_exec(ev, "DELETE FROM checkpoint", err);

	for (size_t i = 0; status == TRW_OK && i < run->n_items; i++)
		status = item_add(ev, run_id, i, &run->items[i], err);
	return status;
}

/* stmt is at the row that the item must match. */
static enum trw_status
item_match(struct trw_evidence *ev, sqlite3_stmt *stmt, const struct trw_evidence_item *item,
	struct trw_err *err)
{
	const char *then = (const char *)sqlite3_column_text(stmt, 0);
	const char *now = trw_base_name(item->name);
	uint64_t size = (uint64_t)sqlite3_column_int64(stmt, 1);
	const void *p = sqlite3_column_blob(stmt, 2);

	if (then == NULL)
		then = "";
	if (size != item->size)
		return trw_fail(err, TRW_EUSAGE,
			"%s: %s is not the image that the run was begun with: it has %" PRIu64
			" bytes, %s had %" PRIu64 ": give the same images in the same order",
			ev->path, now, item->size, then, size);
	if (p == NULL || sqlite3_column_bytes(stmt, 2) != TRW_FINGERPRINT_SIZE ||
		memcmp(p, item->fingerprint, TRW_FINGERPRINT_SIZE) != 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: %s is not the image that the run was begun with, %s: its content, or what is"
			" there of its container, differs: give the same images in the same order",
			ev->path, now, then);
	return TRW_OK;
}

enum trw_status
trw_checkpoints_match(
	struct trw_evidence *ev, const struct trw_evidence_run *run, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;
	enum trw_status status;

	if ((status = trw_store_number(ev, "SELECT count(*) FROM checkpoint", 0, &n, err)) < 0 ||
		(status = trw_store_prepare(ev,
			 "SELECT name, size, fingerprint FROM checkpoint ORDER BY image_id", &stmt,
			 err)) < 0)
		return status;
	if (n == 0 || (uint64_t)n != run->n_items)
		status = trw_fail(err, TRW_EUSAGE,
			"%s: the run was begun with %" PRId64
			" image%s, %zu %s given: give the same ones",
			ev->path, n, n == 1 ? "" : "s", run->n_items,
			run->n_items == 1 ? "is" : "are");
	for (size_t i = 0; status == TRW_OK && i < run->n_items; i++) {
		int rc = sqlite3_step(stmt);
		status = rc == SQLITE_ROW ? item_match(ev, stmt, &run->items[i], err)
					  : trw_store_fail(ev, rc, err);
	}
	(void)sqlite3_finalize(stmt);
	return status;
}

enum trw_status
trw_checkpoint_first_file(
	struct trw_evidence *ev, int64_t image_id, int64_t *out, struct trw_err *err)
{
	enum trw_status status = trw_store_run(ev,
		"SELECT first_file FROM checkpoint WHERE image_id = ?1"
		" AND image_id = (SELECT max(image_id) FROM image)",
		&image_id, 1, 0, out, err);

	if (status == TRW_OK && *out == 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: image %" PRId64 " is not the last one of an unfinished run", ev->path,
			image_id);
	return status;
}

static enum trw_status
damage_encode(const struct trw_ranges *damage, struct trw_buf *b, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && i < damage->n; i++) {
		uint8_t record[DAMAGE_SIZE];
		trw_put_le64(record, damage->v[i].off);
		trw_put_le64(record + 8, damage->v[i].len);
		record[16] = (uint8_t)damage->v[i].why;
		status = trw_buf_put(b, record, sizeof(record), err);
	}
	return status;
}

static enum trw_status
damage_decode(const uint8_t *p, size_t n, struct trw_ranges *out, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (n % DAMAGE_SIZE != 0)
		return trw_fail(err, TRW_ECORRUPT, "%zu bytes are no list of damage", n);
	for (; status == TRW_OK && n > 0; p += DAMAGE_SIZE, n -= DAMAGE_SIZE) {
		if (p[16] != TRW_DAMAGE_SUBSTITUTED && p[16] != TRW_DAMAGE_MISSING)
			return trw_fail(err, TRW_ECORRUPT, "%u is no reason of damage", p[16]);
		status = trw_ranges_add(
			out, trw_le64(p), trw_le64(p + 8), (enum trw_damage)p[16], err);
	}
	return status;
}

static enum trw_status
checkpoint_write(struct trw_evidence *ev, const struct trw_evidence_checkpoint *at,
	const struct trw_buf *damage, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CHECKPOINT,
		"UPDATE checkpoint SET is_walked = max(is_walked, ?), media_off = coalesce(?, media_off),"
		" media_state = coalesce(?, media_state), damage = coalesce(?, damage) WHERE image_id = ?",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, at->is_walked);
	if (at->media_state != NULL)
		trw_row_length(&row, at->media_off);
	else
		trw_row_null(&row);
	trw_row_blob(&row, at->media_state, at->n_media_state);
	if (at->damage != NULL)
		trw_row_blob(&row, damage->n > 0 ? damage->v : (const uint8_t *)"", damage->n);
	else
		trw_row_null(&row);
	trw_row_int(&row, at->image_id);
	if ((status = trw_row_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(err, TRW_EUSAGE, "%s: image %" PRId64 " is no item of the run",
			ev->path, at->image_id);
	return TRW_OK;
}

enum trw_status
trw_evidence_checkpoint(
	struct trw_evidence *ev, const struct trw_evidence_checkpoint *at, struct trw_err *err)
{
	struct trw_buf damage = {0};
	enum trw_status status = TRW_OK;

	if (at->media_state != NULL && at->n_media_state > TRW_CHECKPOINT_MEDIA_MAX)
		return trw_fail(err, TRW_EUSAGE, "a media state of %zu bytes: at most %d",
			at->n_media_state, TRW_CHECKPOINT_MEDIA_MAX);
	if (at->damage != NULL)
		status = damage_encode(at->damage, &damage, err);
	if (status == TRW_OK)
		status = checkpoint_write(ev, at, &damage, err);
	trw_buf_clear(&damage);
	return status < 0 ? trw_fail_in(err, "checkpoint of image %" PRId64, at->image_id) : status;
}

static const char state_sql[] =
	"SELECT c.image_id, EXISTS (SELECT 1 FROM image AS i WHERE i.image_id = c.image_id), c.is_walked,"
	" c.is_closed, c.size, c.media_off, c.media_state, c.damage,"
	" coalesce((SELECT min(n.first_file) FROM checkpoint AS n WHERE n.image_id > c.image_id),"
	" (SELECT coalesce(max(file_id), 0) + 1 FROM file)) - c.first_file,"
	" (SELECT count(*) FROM problem AS p WHERE p.image_id = c.image_id)"
	" FROM checkpoint AS c ORDER BY c.image_id LIMIT 1 OFFSET ?";

/* stmt is at the row of state_sql. */
static enum trw_status
state_take(sqlite3_stmt *stmt, struct trw_evidence_state *out, struct trw_err *err)
{
	const void *media = sqlite3_column_blob(stmt, 6), *damage = sqlite3_column_blob(stmt, 7);
	int n_media = sqlite3_column_bytes(stmt, 6), n_damage = sqlite3_column_bytes(stmt, 7);
	int64_t off = sqlite3_column_int64(stmt, 5);

	out->image_id = sqlite3_column_int64(stmt, 0);
	out->is_begun = sqlite3_column_int(stmt, 1) != 0;
	out->is_walked = sqlite3_column_int(stmt, 2) != 0;
	out->is_closed = sqlite3_column_int(stmt, 3) != 0;
	out->n_files = (uint64_t)sqlite3_column_int64(stmt, 8);
	out->n_problems = (uint64_t)sqlite3_column_int64(stmt, 9);
	if (n_media > TRW_CHECKPOINT_MEDIA_MAX || off < 0 || off > sqlite3_column_int64(stmt, 4))
		return trw_fail(err, TRW_ECORRUPT, "image %" PRId64 ": a checkpoint that cannot be",
			out->image_id);
	if (media != NULL) {
		memcpy(out->media_state, media, (size_t)n_media);
		out->n_media_state = (size_t)n_media;
		out->media_off = (uint64_t)off;
	}
	return damage == NULL ? TRW_OK : damage_decode(damage, (size_t)n_damage, &out->damage, err);
}

enum trw_status
trw_evidence_image_state(
	struct trw_evidence *ev, size_t number, struct trw_evidence_state *out, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, state_sql, &stmt, err);
	int rc;

	*out = (struct trw_evidence_state){0};
	if (status < 0)
		return status;
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)number);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		status = state_take(stmt, out, err);
	else if (rc == SQLITE_DONE)
		status = trw_fail(err, TRW_EUSAGE, "the run has no image %zu", number + 1);
	else
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	if (status < 0) {
		trw_evidence_state_clear(out);
		return trw_fail_in(err, "%s", ev->path);
	}
	return TRW_OK;
}

void
trw_evidence_state_clear(struct trw_evidence_state *state)
{
	trw_ranges_clear(&state->damage);
}
