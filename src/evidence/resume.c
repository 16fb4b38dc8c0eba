/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "evidence/audit.h"
#include "evidence/pending.h"
#include "evidence/canonical.h"
#include "evidence/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#define FILESYSTEMS " (SELECT filesystem_id FROM filesystem WHERE image_id = ?1)"

#define UNUSED_ENTRIES "DELETE FROM set_entry WHERE entry_id NOT IN (SELECT entry_id FROM hit)"

/* ?1: the image; ?2: its first file, all files from which on are its own. */
static const char *const forget_sql[] = {"DELETE FROM problem WHERE image_id = ?1",
	"DELETE FROM hit WHERE file_id >= ?2", UNUSED_ENTRIES,
	"DELETE FROM content_damage WHERE file_id >= ?2", "DELETE FROM content WHERE file_id >= ?2",
	"DELETE FROM extent WHERE file_id >= ?2", "DELETE FROM file WHERE file_id >= ?2",
	"DELETE FROM item_count WHERE filesystem_id IN" FILESYSTEMS,
	"DELETE FROM block_run WHERE filesystem_id IN" FILESYSTEMS,
	"DELETE FROM filesystem WHERE image_id = ?1", "DELETE FROM volume WHERE image_id = ?1",
	"DELETE FROM segment WHERE image_id = ?1", "DELETE FROM image_fact WHERE image_id = ?1",
	"DELETE FROM image_damage WHERE image_id = ?1", "DELETE FROM ledger WHERE image_id = ?1",
	"DELETE FROM image WHERE image_id = ?1",
	"UPDATE checkpoint SET first_file = NULL, is_walked = 0, is_closed = 0, media_off = NULL,"
	" media_state = NULL WHERE image_id = ?1",
	"DELETE FROM checkpoint_damage WHERE image_id = ?1", NULL};

static const char *const rewind_sql[] = {
	"DELETE FROM problem WHERE image_id = ?1 AND (stage IN ('verify', 'ledger') OR stage = 'read'"
	" AND file_id IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM content AS c WHERE c.file_id = problem.file_id))",
	/* a content is written behind its hits and its damage: these alone are what a failure left */
	"DELETE FROM hit WHERE file_id >= ?2"
	" AND NOT EXISTS (SELECT 1 FROM content AS c WHERE c.file_id = hit.file_id)",
	UNUSED_ENTRIES,
	"DELETE FROM content_damage WHERE file_id >= ?2"
	" AND NOT EXISTS (SELECT 1 FROM content AS c WHERE c.file_id = content_damage.file_id)",
	"DELETE FROM image_damage WHERE image_id = ?1", "DELETE FROM ledger WHERE image_id = ?1",
	"UPDATE image SET md5 = NULL, sha1 = NULL, sha256 = NULL, verdict = NULL WHERE image_id = ?1",
	NULL};

/* All or nothing. The statements leave no dangling row: nobody checks foreign keys while rows are written. */
static enum trw_status
take_away(
	struct trw_evidence *ev, const char *const *sql, const int64_t args[2], struct trw_err *err)
{
	enum trw_status status = trw_evidence_commit(ev, err);

	if (status < 0)
		return status;
	while (status == TRW_OK && *sql != NULL)
		status = trw_store_run(ev, *sql++, args, 2, 0, NULL, err);
	if (status < 0) {
		ev->is_broken = true;
		return status;
	}
	return trw_evidence_commit(ev, err);
}

enum trw_status
trw_evidence_image_forget(struct trw_evidence *ev, int64_t image_id, struct trw_err *err)
{
	int64_t args[2] = {image_id, 0};
	enum trw_status status = trw_checkpoint_first_file(ev, image_id, &args[1], err);

	return status < 0 ? status : take_away(ev, forget_sql, args, err);
}

enum trw_status
trw_evidence_image_rewind(struct trw_evidence *ev, int64_t image_id, struct trw_err *err)
{
	int64_t args[2] = {image_id, 0}, is_closed = 0;
	enum trw_status status = trw_checkpoint_first_file(ev, image_id, &args[1], err);

	if (status < 0 ||
		(status = trw_store_run(ev, "SELECT is_closed FROM checkpoint WHERE image_id = ?1",
			 &image_id, 1, 0, &is_closed, err)) < 0)
		return status;
	if (is_closed != 0)
		return trw_fail(
			err, TRW_EUSAGE, "%s: image %" PRId64 " is closed", ev->path, image_id);
	return take_away(ev, rewind_sql, args, err);
}

/* ---- the run ---- */

enum { /* columns of run_sql */
	RUN_ID,
	RUN_STATUS,
	RUN_FIELDS
};

static const char run_sql[] =
	"SELECT run_id, status, tool_version, libraries, options, case_number, examiner, evidence_id"
	" FROM run ORDER BY run_id DESC LIMIT 1";

#define N_FIELDS 6

/* What a resumed run has in common with what was begun, as run_sql has it from RUN_FIELDS on. */
static const struct field {
	const char *name, *advice;
	bool may_keep; /* when it is not given: what is stored stays */
} fields[N_FIELDS] = {
	{"trowel", "use that version, or index into a new database", false},
	{"the libraries", "use those, or index into a new database", false},
	{"the options", "give the same options, or index into a new database", false},
	{"case number", "leave --case-number out to keep that", true},
	{"examiner", "leave --examiner out to keep that", true},
	{"evidence id", "leave --evidence-id out to keep that", true},
};

/* Chars of the words that both begin with, as far as more follows in one of them. */
static size_t
same_words(const char *a, const char *b)
{
	size_t same = 0;

	for (size_t i = 0; a[i] == b[i] && a[i] != '\0'; i++)
		if (a[i] == ' ')
			same = i + 1;
	return same;
}

#define SHOWN_MAX 160 /* chars of a field in the message */

static enum trw_status
fields_match(struct trw_evidence *ev, sqlite3_stmt *stmt, const struct trw_evidence_run *run,
	struct trw_err *err)
{
	const char *const given[N_FIELDS] = {run->tool_version, run->libraries, run->options,
		run->case_number, run->examiner, run->evidence_id};

	for (int i = 0; i < N_FIELDS; i++) {
		const char *then = (const char *)sqlite3_column_text(stmt, RUN_FIELDS + i);
		const char *now = given[i];
		if (now == NULL && (then == NULL || fields[i].may_keep))
			continue;
		if (now != NULL && then != NULL && strcmp(now, then) == 0)
			continue;
		then = then == NULL ? "" : then;
		now = now == NULL ? "" : now;
		size_t same = strlen(then) > SHOWN_MAX || strlen(now) > SHOWN_MAX
				      ? same_words(then, now)
				      : 0;
		return trw_fail(err, TRW_EUSAGE,
			"%s: the run was begun with %s '%.160s', this is '%.160s': %s", ev->path,
			fields[i].name, then + same, now + same, fields[i].advice);
	}
	return TRW_OK;
}

/*
 * A run that ended, as cancelled or failed, said what it left behind. A killed one did not, and nobody can tell what it wrote
 * from what somebody else did. The audit chain says which: the status of the run may be what was changed.
 */
static enum trw_status
confirm(struct trw_evidence *ev, struct trw_err *err)
{
	int64_t has_ended;
	enum trw_status status = trw_store_number(ev,
		"SELECT action IN (" TRW_AUDIT_ENDS ") FROM audit WHERE action IN"
		" ('run begin', 'resume', " TRW_AUDIT_ENDS ") ORDER BY seq DESC LIMIT 1",
		0, &has_ended, err);

	return status < 0 || has_ended == 0 ? status : trw_canonical_confirm_all(ev, err);
}

static enum trw_status
take_up(struct trw_evidence *ev, sqlite3_stmt *stmt, const struct trw_evidence_run *run,
	struct trw_err *err)
{
	int64_t run_id = sqlite3_column_int64(stmt, RUN_ID);
	const char *was = (const char *)sqlite3_column_text(stmt, RUN_STATUS);
	char *detail = trw_format(err, "run=%" PRId64 " was=%s host=%s arguments=%s", run_id,
		was == NULL ? "" : was, run->host == NULL ? "" : run->host,
		run->arguments == NULL ? "" : run->arguments);
	enum trw_status status;

	if (detail == NULL)
		return TRW_ENOMEM;
	(void)sqlite3_reset(stmt);
	status = confirm(ev, err);
	if (status == TRW_OK)
		status = trw_store_run(ev,
			"UPDATE run SET status = 'running', ended_ns = NULL WHERE run_id = ?1",
			&run_id, 1, 0, NULL, err);
	if (status == TRW_OK)
		status = trw_store_run(ev,
			"UPDATE match_session SET status = 'running', ended_ns = NULL WHERE run_id = ?1",
			&run_id, 1, 0, NULL, err);
	if (status == TRW_OK)
		status = trw_evidence_audit(ev, "resume", detail, err);
	if (status == TRW_OK)
		status = trw_evidence_commit(ev, err);
	free(detail);
	return status;
}

enum trw_status
trw_evidence_run_resume(struct trw_evidence *ev, const struct trw_evidence_run *run,
	int64_t *run_id, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status;
	int rc;

	if (ev->mode != TRW_EVIDENCE_RESUME)
		return trw_fail(err, TRW_EUSAGE, "%s: not opened to resume a run", ev->path);
	if ((status = trw_store_may_run(ev, err)) < 0 ||
		(status = trw_store_prepare(ev, run_sql, &stmt, err)) < 0)
		return status;
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(stmt);
		status = rc == SQLITE_DONE ? trw_evidence_run_begin(ev, run, run_id, err)
					   : trw_store_fail(ev, rc, err);
		goto out;
	}
	*run_id = sqlite3_column_int64(stmt, RUN_ID);
	if ((status = fields_match(ev, stmt, run, err)) == TRW_OK &&
		(status = trw_checkpoints_match(ev, run, err)) == TRW_OK)
		status = take_up(ev, stmt, run, err);
out:
	(void)sqlite3_finalize(stmt);
	return status;
}

/* ---- what is left ---- */

enum { /* of COLUMNS */
	S_FILE,
	S_FILESYSTEM,
	S_VOLUME,
	S_SIZE,
	S_INODE,
	S_ATTR_TYPE,
	S_ATTR_ID,
	S_SOURCE,
	S_OFF,
	S_LEN,
	S_POOL_BLOCK,
	S_IS_FORCED,
	S_TYPE,
	S_FAMILY,
	S_IMAGE, /* of ONE only, as what follows */
	S_IMAGE_SIZE,
	S_IMAGE_PATH,
	S_SHA256
};

#define COLUMNS(family)                                                                            \
	"SELECT f.file_id, f.filesystem_id, s.volume_id, f.size, f.inode, f.attr_type, f.attr_id," \
	" f.content_source, v.off, v.len, s.pool_block, s.is_forced, s.type, " family
/* CROSS JOIN keeps file the outer loop: one pass in order, nothing to sort. */
#define FROM                                                                                       \
	" FROM file AS f CROSS JOIN filesystem AS s USING (filesystem_id)"                         \
	" CROSS JOIN volume AS v USING (volume_id)"
#define ONE(family)                                                                                \
	COLUMNS(family)                                                                            \
	", i.image_id, i.size, i.path, c.sha256" FROM                                              \
	" CROSS JOIN image AS i ON i.image_id = f.image_id"                                        \
	" LEFT JOIN content AS c ON c.file_id = f.file_id WHERE f.file_id = ?1"

static const char left_sql[] = COLUMNS("s.family") FROM
	" WHERE f.file_id >= ?2 AND f.image_id = ?1 AND f.content_source <> 0"
	" AND NOT EXISTS (SELECT 1 FROM content AS c WHERE c.file_id = f.file_id) ORDER BY f.file_id";
static const char one_sql[] = ONE("s.family");
static const char one_of_schema_2_sql[] = ONE("NULL");
static const char extents_sql[] =
	"SELECT kind, coalesce(off, 0), len, stream_off FROM extent WHERE file_id = ? ORDER BY stream_off";

static enum trw_status
extents_load(struct trw_evidence *ev, sqlite3_stmt *stmt, int64_t file_id, struct trw_extents *out,
	struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	int rc;

	(void)sqlite3_reset(stmt);
	(void)sqlite3_bind_int64(stmt, 1, file_id);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t kind = sqlite3_column_int64(stmt, 0), off = sqlite3_column_int64(stmt, 1),
			len = sqlite3_column_int64(stmt, 2);
		if (kind < TRW_EXTENT_DATA || kind > TRW_EXTENT_LOST || off < 0 || len <= 0 ||
			sqlite3_column_int64(stmt, 3) != (int64_t)out->total)
			return trw_fail(err, TRW_ECORRUPT,
				"%s: extents of file %" PRId64 " that cannot be", ev->path,
				file_id);
		status = trw_extents_add(
			out, (enum trw_extent_kind)kind, (uint64_t)off, (uint64_t)len, err);
		if (status < 0)
			return status;
	}
	return rc == SQLITE_DONE ? TRW_OK : trw_store_fail(ev, rc, err);
}

/* Schema 2 has the type in words: one that only a trial by name found is asked for again, every other is detected. */
static enum trw_family
family_of_words(const char *type, bool is_forced)
{
	for (int i = TRW_FAMILY_NONE + 1; is_forced && i < TRW_FAMILY_N; i++) {
		const char *name = trw_family_text((enum trw_family)i);
		if (strncasecmp(type, name, 3) == 0 || strcasestr(type, name) != NULL)
			return (enum trw_family)i;
	}
	return TRW_FAMILY_NONE;
}

/* stmt is at a row of COLUMNS. */
static enum trw_status
stream_fill(struct trw_evidence *ev, sqlite3_stmt *stmt, struct trw_evidence_stream *out,
	struct trw_err *err)
{
	const char *type = (const char *)sqlite3_column_text(stmt, S_TYPE);
	int64_t source = sqlite3_column_int64(stmt, S_SOURCE);
	int64_t family = sqlite3_column_int64(stmt, S_FAMILY);

	*out = (struct trw_evidence_stream){.file_id = sqlite3_column_int64(stmt, S_FILE),
		.filesystem_id = sqlite3_column_int64(stmt, S_FILESYSTEM),
		.volume_id = sqlite3_column_int64(stmt, S_VOLUME),
		.source = (enum trw_content_source)source};
	if (source < 0 || source >= TRW_CONTENT_N || type == NULL || family < 0 ||
		family >= TRW_FAMILY_N)
		return trw_fail(err, TRW_ECORRUPT,
			"%s: file %" PRId64 " is not as trowel writes it", ev->path, out->file_id);
	out->decode = (struct trw_read_request){
		.where = {trw_space_at((uint64_t)sqlite3_column_int64(stmt, S_OFF),
				  (uint64_t)sqlite3_column_int64(stmt, S_LEN),
				  (uint64_t)sqlite3_column_int64(stmt, S_POOL_BLOCK)),
			(enum trw_family)family},
		.inode = (uint64_t)sqlite3_column_int64(stmt, S_INODE),
		.attr_type = (uint32_t)sqlite3_column_int64(stmt, S_ATTR_TYPE),
		.attr_id = (uint32_t)sqlite3_column_int64(stmt, S_ATTR_ID),
		.size = (uint64_t)sqlite3_column_int64(stmt, S_SIZE)};
	if (ev->schema == 2)
		out->decode.where.family =
			family_of_words(type, sqlite3_column_int(stmt, S_IS_FORCED) != 0);
	return TRW_OK;
}

/* The stream with its extents. */
static enum trw_status
stream_hand_over(struct trw_evidence *ev, struct trw_evidence_stream *stream,
	sqlite3_stmt *extents_stmt, trw_evidence_stream_take take, void *ctx, struct trw_err *err)
{
	struct trw_extents extents = {0};
	enum trw_status status = extents_load(ev, extents_stmt, stream->file_id, &extents, err);

	stream->extents = &extents;
	if (status == TRW_OK)
		status = take(ctx, stream, err);
	trw_extents_clear(&extents);
	return status;
}

static enum trw_status
take_one(struct trw_evidence *ev, sqlite3_stmt *stmt, sqlite3_stmt *extents_stmt,
	trw_evidence_stream_take take, void *ctx, struct trw_err *err)
{
	struct trw_evidence_stream stream;
	enum trw_status status = stream_fill(ev, stmt, &stream, err);

	if (status < 0)
		return status;
	stream.image_id = sqlite3_column_int64(stmt, S_IMAGE);
	stream.image_size = (uint64_t)sqlite3_column_int64(stmt, S_IMAGE_SIZE);
	stream.image_path = (const char *)sqlite3_column_text(stmt, S_IMAGE_PATH);
	stream.sha256 = sqlite3_column_blob(stmt, S_SHA256);
	if (sqlite3_column_bytes(stmt, S_SHA256) != 32)
		stream.sha256 = NULL;
	return stream_hand_over(ev, &stream, extents_stmt, take, ctx, err);
}

enum trw_status
trw_evidence_stream_of(struct trw_evidence *ev, int64_t file_id, trw_evidence_stream_take take,
	void *ctx, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL, *extents_stmt = NULL;
	enum trw_status status;
	int rc;

	if ((status = trw_pending_flush(ev, err)) < 0 ||
		(status = trw_store_prepare(
			 ev, ev->schema == 2 ? one_of_schema_2_sql : one_sql, &stmt, err)) < 0 ||
		(status = trw_store_prepare(ev, extents_sql, &extents_stmt, err)) < 0)
		goto out;
	(void)sqlite3_bind_int64(stmt, 1, file_id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		status = take_one(ev, stmt, extents_stmt, take, ctx, err);
	else if (rc == SQLITE_DONE)
		status = trw_fail(err, TRW_EUSAGE, "%s has no file %" PRId64, ev->path, file_id);
	else
		status = trw_store_fail(ev, rc, err);
out:
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_finalize(extents_stmt);
	return status;
}

enum trw_status
trw_evidence_streams_left(struct trw_evidence *ev, int64_t image_id, trw_evidence_stream_take take,
	void *ctx, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL, *extents_stmt = NULL;
	int64_t first_file;
	enum trw_status status;
	int rc = SQLITE_DONE;

	if ((status = trw_pending_flush(ev, err)) < 0 ||
		(status = trw_checkpoint_first_file(ev, image_id, &first_file, err)) < 0 ||
		(status = trw_store_prepare(ev, left_sql, &stmt, err)) < 0 ||
		(status = trw_store_prepare(ev, extents_sql, &extents_stmt, err)) < 0)
		goto out;
	(void)sqlite3_bind_int64(stmt, 1, image_id);
	(void)sqlite3_bind_int64(stmt, 2, first_file);
	while (status == TRW_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct trw_evidence_stream stream;
		status = stream_fill(ev, stmt, &stream, err);
		if (status == TRW_OK)
			status = stream_hand_over(ev, &stream, extents_stmt, take, ctx, err);
	}
	if (status == TRW_OK && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
out:
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_finalize(extents_stmt);
	return status;
}
