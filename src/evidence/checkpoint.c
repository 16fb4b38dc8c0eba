/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is made for each item when the run begins, gets first_file when its image is begun, and goes when the
 * run is complete. Images are indexed one after the other and ids are positions, so the files of the last image
 * that was begun are those from first_file on.
 *
 * What is damaged is appended, as it is met, to checkpoint_damage: a row for each range, which may overlap others.
 */
#include "evidence/checkpoint.h"

#include "evidence/put.h"

#include "base/text.h"

#include <string.h>

static enum trw_status
item_add(struct trw_evidence *ev, int64_t run_id, size_t number,
	const struct trw_evidence_item *item, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_CHECKPOINT_ITEM,
		"INSERT INTO checkpoint (image_id, run_id, name, size, fingerprint)"
		" VALUES ((SELECT coalesce(max(image_id), 0) FROM image) + ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, (int64_t)number + 1);
	trw_bind_int(&row, run_id);
	trw_bind_text(&row, trw_base_name(item->name));
	trw_bind_length(&row, item->size);
	trw_bind_blob(&row, item->fingerprint, sizeof(item->fingerprint));
	return trw_bind_end(&row, err);
}

enum trw_status
trw_checkpoints_drop(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = trw_store_exec(ev, "DELETE FROM checkpoint", err);

	return status < 0 ? status : trw_store_exec(ev, "DELETE FROM checkpoint_damage", err);
}

enum trw_status
trw_checkpoints_begin(struct trw_evidence *ev, int64_t run_id, const struct trw_evidence_run *run,
	struct trw_err *err)
{
	enum trw_status status = trw_checkpoints_drop(ev, err);

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
damage_write(struct trw_evidence *ev, int64_t image_id, const struct trw_range *range,
	struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_CHECKPOINT_DAMAGE,
		"INSERT INTO checkpoint_damage (image_id, off, len, why) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_bind_int(&row, image_id);
	trw_bind_length(&row, range->off);
	trw_bind_length(&row, range->len);
	trw_bind_text(&row, trw_damage_text(range->why));
	return trw_bind_end(&row, err);
}

/* In order of off: adding them to a list is then cheap. */
static enum trw_status
damage_read(struct trw_evidence *ev, int64_t image_id, struct trw_ranges *out, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev,
		"SELECT off, len, why = 'missing' FROM checkpoint_damage WHERE image_id = ?"
		" ORDER BY off",
		&stmt, err);
	int rc = SQLITE_DONE;

	if (status < 0)
		return status;
	(void)sqlite3_bind_int64(stmt, 1, image_id);
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t off = sqlite3_column_int64(stmt, 0), len = sqlite3_column_int64(stmt, 1);
		if (off < 0 || len <= 0)
			status = trw_fail(err, TRW_ECORRUPT,
				"image %" PRId64 ": damage that cannot be", image_id);
		else
			status = trw_ranges_add(out, (uint64_t)off, (uint64_t)len,
				sqlite3_column_int(stmt, 2) != 0 ? TRW_DAMAGE_MISSING
								 : TRW_DAMAGE_SUBSTITUTED,
				err);
	}
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
checkpoint_write(struct trw_evidence *ev, const struct trw_checkpoint *at, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_CHECKPOINT,
		"UPDATE checkpoint SET is_walked = max(is_walked, ?), media_off = coalesce(?, media_off),"
		" media_state = coalesce(?, media_state) WHERE image_id = ?",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, at->is_walked);
	if (at->media_state.n > 0)
		trw_bind_length(&row, at->media_off);
	else
		trw_bind_null(&row);
	trw_bind_blob(&row, at->media_state.p, at->media_state.n);
	trw_bind_int(&row, at->image_id);
	if ((status = trw_bind_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(err, TRW_EUSAGE, "%s: image %" PRId64 " is no item of the run",
			ev->path, at->image_id);
	return TRW_OK;
}

enum trw_status
trw_put_checkpoint(struct trw_evidence *ev, const struct trw_checkpoint *at, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (at->media_state.n > TRW_CHECKPOINT_MEDIA_MAX)
		return trw_fail(err, TRW_EUSAGE, "a media state of %zu bytes: at most %d",
			at->media_state.n, TRW_CHECKPOINT_MEDIA_MAX);
	for (size_t i = 0; status == TRW_OK && i < at->damage.n; i++)
		status = damage_write(ev, at->image_id, &at->damage.v[i], err);
	if (status == TRW_OK)
		status = checkpoint_write(ev, at, err);
	return status < 0 ? trw_fail_in(err, "checkpoint of image %" PRId64, at->image_id) : status;
}

static const char state_sql[] =
	"SELECT c.image_id, EXISTS (SELECT 1 FROM image AS i WHERE i.image_id = c.image_id), c.is_walked,"
	" c.is_closed, c.size, c.media_off, c.media_state,"
	" coalesce((SELECT min(n.first_file) FROM checkpoint AS n WHERE n.image_id > c.image_id),"
	" (SELECT coalesce(max(file_id), 0) + 1 FROM file)) - c.first_file,"
	" (SELECT count(*) FROM problem AS p WHERE p.image_id = c.image_id)"
	" FROM checkpoint AS c ORDER BY c.image_id LIMIT 1 OFFSET ?";

/* stmt is at the row of state_sql. */
static enum trw_status
state_take(sqlite3_stmt *stmt, struct trw_evidence_state *out, struct trw_err *err)
{
	const void *media = sqlite3_column_blob(stmt, 6);
	int n_media = sqlite3_column_bytes(stmt, 6);
	int64_t off = sqlite3_column_int64(stmt, 5);

	out->image_id = sqlite3_column_int64(stmt, 0);
	out->is_begun = sqlite3_column_int(stmt, 1) != 0;
	out->is_walked = sqlite3_column_int(stmt, 2) != 0;
	out->is_closed = sqlite3_column_int(stmt, 3) != 0;
	out->n_files = (uint64_t)sqlite3_column_int64(stmt, 7);
	out->n_problems = (uint64_t)sqlite3_column_int64(stmt, 8);
	if (n_media > TRW_CHECKPOINT_MEDIA_MAX || off < 0 || off > sqlite3_column_int64(stmt, 4))
		return trw_fail(err, TRW_ECORRUPT, "image %" PRId64 ": a checkpoint that cannot be",
			out->image_id);
	if (media != NULL) {
		memcpy(out->media_state, media, (size_t)n_media);
		out->n_media_state = (size_t)n_media;
		out->media_off = (uint64_t)off;
	}
	return TRW_OK;
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
	if (status == TRW_OK)
		status = damage_read(ev, out->image_id, &out->damage, err);
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
