/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/store.h"

enum trw_status
trw_evidence_volume_add(
	struct trw_evidence *ev, const struct trw_evidence_volume *volume, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_VOLUME,
		"INSERT INTO volume (volume_id, image_id, parent_id, number, kind, scheme, off, len,"
		" declared_len, description, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, volume->volume_id);
	trw_row_int(&row, volume->image_id);
	trw_row_id(&row, volume->parent_id);
	trw_row_int(&row, volume->number);
	trw_row_text(&row, volume->kind);
	trw_row_text(&row, volume->scheme);
	trw_row_length(&row, volume->off);
	trw_row_length(&row, volume->len);
	trw_row_length(&row, volume->declared_len);
	trw_row_text(&row, volume->description);
	trw_row_text(&row, volume->content);
	return trw_row_end(&row, err);
}

/* Run an UPDATE with one text and one id, which must exist. */
static enum trw_status
set_text(struct trw_evidence *ev, enum trw_stmt slot, const char *sql, int64_t id, const char *text,
	struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, slot, sql, &row, err);

	if (status < 0)
		return status;
	trw_row_text(&row, text);
	trw_row_int(&row, id);
	if ((status = trw_row_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(
			err, TRW_EUSAGE, "%s: no row %" PRId64 " for: %s", ev->path, id, sql);
	return TRW_OK;
}

enum trw_status
trw_evidence_filesystem_add(
	struct trw_evidence *ev, const struct trw_evidence_filesystem *fs, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_FILESYSTEM,
		"INSERT INTO filesystem (filesystem_id, volume_id, image_id, type, label, uuid, off, len,"
		" block_size, block_count, pool_block, is_ambiguous, is_forced, status)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, fs->filesystem_id);
	trw_row_int(&row, fs->volume_id);
	trw_row_int(&row, fs->image_id);
	trw_row_text(&row, fs->type);
	trw_row_text(&row, fs->label);
	trw_row_text(&row, fs->uuid);
	trw_row_length(&row, fs->off);
	trw_row_length(&row, fs->len);
	trw_row_int(&row, fs->block_size);
	trw_row_bits(&row, fs->block_count);
	trw_row_bits(&row, fs->pool_block);
	trw_row_int(&row, fs->is_ambiguous);
	trw_row_int(&row, fs->is_forced);
	trw_row_text(&row, fs->status);
	return trw_row_end(&row, err);
}

enum trw_status
trw_evidence_filesystem_status(
	struct trw_evidence *ev, int64_t filesystem_id, const char *text, struct trw_err *err)
{
	return set_text(ev, TRW_STMT_FILESYSTEM_STATUS,
		"UPDATE filesystem SET status = ? WHERE filesystem_id = ?", filesystem_id, text,
		err);
}

enum trw_status
trw_evidence_filesystem_ambiguous(
	struct trw_evidence *ev, int64_t filesystem_id, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_FILESYSTEM_AMBIGUOUS,
		"UPDATE filesystem SET is_ambiguous = 1 WHERE filesystem_id = ?", &row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, filesystem_id);
	return trw_row_end(&row, err);
}

enum trw_status
trw_evidence_blocks_add(struct trw_evidence *ev, int64_t filesystem_id, uint64_t off, uint64_t len,
	enum trw_block_class class, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_BLOCKS,
		"INSERT INTO block_run (filesystem_id, off, len, class) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_row_int(&row, filesystem_id);
	trw_row_length(&row, off);
	trw_row_length(&row, len);
	trw_row_int(&row, class);
	return trw_row_end(&row, err);
}
