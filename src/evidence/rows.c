/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/rows.h"

#include "evidence/put.h"

#define COUNT_MAX "9223372036854775807"

static enum trw_status
put_volume(struct trw_evidence *ev, const struct trw_volume *volume, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_VOLUME,
		"INSERT INTO volume (volume_id, image_id, parent_id, number, kind, scheme, off, len,"
		" declared_len, description, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, volume->volume_id);
	trw_bind_int(&row, volume->image_id);
	trw_bind_id(&row, volume->parent_id);
	trw_bind_int(&row, volume->number);
	trw_bind_text(&row, trw_volume_kind_text(volume->kind));
	trw_bind_line(&row, volume->scheme);
	trw_bind_length(&row, volume->space.off);
	trw_bind_length(&row, volume->space.len);
	trw_bind_length(&row, volume->declared_len);
	trw_bind_line(&row, volume->description);
	trw_bind_line(&row, volume->content);
	return trw_bind_end(&row, err);
}

static enum trw_status
put_filesystem(struct trw_evidence *ev, const struct trw_filesystem *fs, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_FILESYSTEM,
		"INSERT INTO filesystem (filesystem_id, volume_id, image_id, family, type, label, uuid, off, len,"
		" block_size, block_count, pool_block, is_ambiguous, is_forced, status)"
		" VALUES (?, ?, ?, ?, coalesce(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, fs->filesystem_id);
	trw_bind_int(&row, fs->volume_id);
	trw_bind_int(&row, fs->image_id);
	trw_bind_int(&row, fs->family);
	trw_bind_line(&row, fs->type);
	trw_bind_line(&row, fs->label);
	trw_bind_line(&row, fs->uuid);
	trw_bind_length(&row, fs->off);
	trw_bind_length(&row, fs->len);
	trw_bind_int(&row, fs->block_size);
	trw_bind_bits(&row, fs->block_count);
	trw_bind_bits(&row, fs->pool_block);
	trw_bind_int(&row, fs->is_ambiguous);
	trw_bind_int(&row, fs->is_forced);
	trw_bind_line(&row, fs->status);
	return trw_bind_end(&row, err);
}

static enum trw_status
put_status(struct trw_evidence *ev, const struct trw_filesystem *fs, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_FILESYSTEM_STATUS,
		"UPDATE filesystem SET status = ? WHERE filesystem_id = ?", &row, err);

	if (status < 0)
		return status;
	trw_bind_line(&row, fs->status);
	trw_bind_int(&row, fs->filesystem_id);
	if ((status = trw_bind_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(err, TRW_EUSAGE, "%s: no file system %" PRId64, ev->path,
			fs->filesystem_id);
	return TRW_OK;
}

static enum trw_status
put_ambiguous(struct trw_evidence *ev, const struct trw_filesystem *fs, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_FILESYSTEM_AMBIGUOUS,
		"UPDATE filesystem SET is_ambiguous = 1 WHERE filesystem_id = ?", &row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, fs->filesystem_id);
	return trw_bind_end(&row, err);
}

static enum trw_status
put_blocks(struct trw_evidence *ev, const struct trw_blocks *run, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_BLOCKS,
		"INSERT INTO block_run (filesystem_id, off, len, class) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_bind_int(&row, run->filesystem_id);
	trw_bind_length(&row, run->off);
	trw_bind_length(&row, run->len);
	trw_bind_int(&row, run->kind);
	return trw_bind_end(&row, err);
}

static enum trw_status
put_problem(struct trw_evidence *ev, const struct trw_problem *problem, struct trw_err *err)
{
	const struct trw_code_facts *code = trw_code_facts(problem->code);
	enum trw_stage stage = problem->stage == TRW_STAGE_NONE ? code->stage : problem->stage;
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_PROBLEM,
		"INSERT INTO problem (image_id, volume_id, filesystem_id, file_id, stage, code, path, inode, off,"
		" len, text) VALUES (?1, coalesce(?2, (SELECT s.volume_id FROM file JOIN filesystem AS s"
		" USING (filesystem_id) WHERE file_id = ?4)),"
		" coalesce(?3, (SELECT filesystem_id FROM file WHERE file_id = ?4)), ?4, ?5, ?6,"
		" coalesce(?7, (SELECT CASE WHEN stream IS NULL THEN path ELSE path || ':' || stream END"
		" FROM file WHERE file_id = ?4)),"
		" nullif(coalesce(nullif(?8, 0), (SELECT inode FROM file WHERE file_id = ?4)), 0), ?9, ?10,"
		" coalesce(?11, ''))",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_id(&row, problem->image_id);
	trw_bind_id(&row, problem->volume_id);
	trw_bind_id(&row, problem->filesystem_id);
	trw_bind_id(&row, problem->file_id);
	trw_bind_text(&row, trw_stage_text(stage));
	trw_bind_text(&row, code->word);
	trw_bind_shown(&row, problem->path);
	trw_bind_bits(&row, problem->inode);
	if (problem->has_range) {
		trw_bind_length(&row, problem->off);
		trw_bind_length(&row, problem->len);
	} else {
		trw_bind_null(&row);
		trw_bind_null(&row);
	}
	trw_bind_line(&row, problem->text);
	return trw_bind_end(&row, err);
}

static enum trw_status
put_items(struct trw_evidence *ev, const struct trw_item_count *items, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_ITEM,
		"INSERT INTO item_count (filesystem_id, outcome, count) VALUES (?, ?, min(?, " COUNT_MAX
		"))"
		" ON CONFLICT DO UPDATE SET count = min(count + excluded.count, " COUNT_MAX ")",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, items->filesystem_id);
	trw_bind_text(&row, trw_item_outcome_text(items->outcome));
	trw_bind_length(&row, items->n);
	return trw_bind_end(&row, err);
}

enum trw_status
trw_evidence_put(struct trw_evidence *ev, const struct trw_row *row, struct trw_err *err)
{
	switch (row->kind) {
	case TRW_ROW_VOLUME:
		return put_volume(ev, &row->u.volume, err);
	case TRW_ROW_FILESYSTEM:
		return put_filesystem(ev, &row->u.filesystem, err);
	case TRW_ROW_FILESYSTEM_STATUS:
		return put_status(ev, &row->u.filesystem, err);
	case TRW_ROW_FILESYSTEM_AMBIGUOUS:
		return put_ambiguous(ev, &row->u.filesystem, err);
	case TRW_ROW_FILE:
		return trw_put_file(ev, &row->u.file, err);
	case TRW_ROW_CONTENT:
		return trw_put_content(ev, &row->u.content, err);
	case TRW_ROW_PROBLEM:
		return put_problem(ev, &row->u.problem, err);
	case TRW_ROW_BLOCKS:
		return put_blocks(ev, &row->u.blocks, err);
	case TRW_ROW_ITEMS:
		return put_items(ev, &row->u.items, err);
	case TRW_ROW_AUDIT:
		return trw_evidence_audit(
			ev, row->u.audit.action, (const char *)row->u.audit.detail.p, err);
	case TRW_ROW_CHECKPOINT:
		return trw_put_checkpoint(ev, &row->u.checkpoint, err);
	case TRW_ROW_N:
		break;
	}
	return trw_fail(err, TRW_EUSAGE, "%s: a row of no kind", ev->path);
}
