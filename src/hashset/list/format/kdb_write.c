/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database is built in a temporary file, which loses its name at once, and copied from there.
 * Rows come in the order of their MD5: its index is then written from end to end, and the same set
 * gives the same bytes.
 */
#include "hashset/list/format/kdb.h"

#include "base/alloc.h"
#include "base/temp.h"
#include "base/io.h"
#include "base/text.h"
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10) /* bytes */

struct writer {
	struct trw_export *x;
	sqlite3 *db;
	sqlite3_stmt *hash, *name, *comment;
	struct trw_losses losses;
	uint64_t n_twins;
	uint8_t last[16]; /* MD5 */
	int fd;
};

static const char schema[] =
	"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
	"PRAGMA locking_mode=EXCLUSIVE;"
	"CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);"
	"CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE,"
	" sha1 BINARY(20), sha2_256 BINARY(32));"
	"CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL,"
	" PRIMARY KEY(name, hash_id));"
	"CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL,"
	" PRIMARY KEY(comment, hash_id));"
	"BEGIN; INSERT INTO db_properties VALUES ('Schema Version', '1')";

static enum trw_status
fail(struct writer *w, struct trw_err *err)
{
	int rc = sqlite3_errcode(w->db);

	return trw_fail(err, rc == SQLITE_NOMEM ? TRW_ENOMEM : TRW_EIO, "temporary database: %s",
		sqlite3_errstr(rc));
}

/* Beside the output; in the usual place when that is a pipe. */
static char *
temp_name(const struct trw_export *x, struct trw_err *err)
{
	if (x->out->out->path != NULL)
		return trw_format(err, "%s.XXXXXX", x->out->out->path);
	return trw_format(err, "%s/trowel-XXXXXX", trw_temp_folder());
}

static enum trw_status
open_database(struct writer *w, struct trw_err *err)
{
	static const char *const texts[] = {"INSERT INTO hashes VALUES (?1, ?2, ?3, ?4)",
		"INSERT INTO file_names VALUES (?2, ?1)",
		"INSERT OR IGNORE INTO comments VALUES (?2, ?1)"};
	sqlite3_stmt **stmts[] = {&w->hash, &w->name, &w->comment};
	char *path = temp_name(w->x, err);
	int rc;

	if (path == NULL)
		return TRW_ENOMEM;
	w->fd = mkostemp(path, O_CLOEXEC);
	if (w->fd < 0) {
		enum trw_status status = trw_fail_errno(err, errno, "%s: cannot make it", path);
		free(path);
		return status;
	}
	rc = sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	(void)unlink(path);
	free(path);
	if (rc != SQLITE_OK || sqlite3_exec(w->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return fail(w, err);
	for (size_t i = 0; i < 3; i++)
		if (sqlite3_prepare_v2(w->db, texts[i], -1, stmts[i], NULL) != SQLITE_OK)
			return fail(w, err);
	return TRW_OK;
}

static void
bind_digest(sqlite3_stmt *stmt, int at, const struct trw_entry *e, enum trw_hash_kind kind)
{
	if ((e->kinds & TRW_HASH_BIT(kind)) != 0)
		(void)sqlite3_bind_blob(
			stmt, at, e->digest[kind], (int)trw_hash_size(kind), SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(stmt, at);
}

static bool
run(sqlite3_stmt *stmt)
{
	bool is_done = sqlite3_step(stmt) == SQLITE_DONE;

	(void)sqlite3_reset(stmt);
	return is_done;
}

static bool
run_text(sqlite3_stmt *stmt, sqlite3_int64 id, const char *p, size_t n)
{
	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_text(stmt, 2, p, (int)n, SQLITE_STATIC);
	return run(stmt);
}

static enum trw_status
put(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct writer *w = ctx;
	sqlite3_int64 id = (sqlite3_int64)w->x->n_written + 1;

	if (id > 1 && memcmp(w->last, e->digest[TRW_HASH_MD5], sizeof(w->last)) == 0) {
		w->n_twins++; /* md5 is unique there */
		return TRW_OK;
	}
	memcpy(w->last, e->digest[TRW_HASH_MD5], sizeof(w->last));
	(void)sqlite3_bind_int64(w->hash, 1, id);
	bind_digest(w->hash, 2, e, TRW_HASH_MD5);
	bind_digest(w->hash, 3, e, TRW_HASH_SHA1);
	bind_digest(w->hash, 4, e, TRW_HASH_SHA256);
	if (!run(w->hash) || (e->name_len > 0 && !run_text(w->name, id, e->name, e->name_len)))
		return fail(w, err);
	for (size_t i = 0; i < e->n_properties; i++) {
		const struct trw_property *p = &e->properties[i];
		if (!trw_text_is(p->name, p->name_len, "comments"))
			w->losses.n_properties++;
		else if (!run_text(w->comment, id, p->value, p->value_len))
			return fail(w, err);
	}
	trw_losses_add(
		&w->losses, e, TRW_HASH_OF_CONTENT, TRW_CARRIES_NAME | TRW_CARRIES_PROPERTIES);
	w->x->n_written++;
	return TRW_OK;
}

static enum trw_status
finish(struct writer *w, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(w->x->set);

	if (sqlite3_exec(w->db, "CREATE INDEX md5_index ON hashes(md5); COMMIT", NULL, NULL,
		    NULL) != SQLITE_OK)
		return fail(w, err);
	w->losses.n_without = info->n_entries - info->n_by_kind[TRW_HASH_MD5];
	trw_losses_tell(&w->losses, "entries without an MD5", w->x);
	if (w->n_twins > 0)
		w->x->leave(w->x->ctx, "entries with the MD5 of another one", w->n_twins);
	return TRW_OK;
}

static void
close_database(struct writer *w)
{
	(void)sqlite3_finalize(w->hash);
	(void)sqlite3_finalize(w->name);
	(void)sqlite3_finalize(w->comment);
	(void)sqlite3_close(w->db);
	w->hash = w->name = w->comment = NULL;
	w->db = NULL;
}

static enum trw_status
copy_out(struct writer *w, struct trw_err *err)
{
	uint8_t *piece = trw_alloc(PIECE, 1, err);
	enum trw_status status = piece == NULL ? TRW_ENOMEM : TRW_OK;
	size_t got = PIECE;

	for (uint64_t off = 0; status == TRW_OK && got == PIECE; off += got) {
		status = trw_pread_full(w->fd, piece, PIECE, off, &got, err);
		if (status == TRW_OK)
			trw_put(w->x->out, piece, got);
	}
	free(piece);
	return status < 0 ? status : w->x->out->status;
}

enum trw_status
trw_kdb_write(struct trw_export *x, struct trw_err *err)
{
	struct writer w = {.x = x, .fd = -1};
	enum trw_status status = open_database(&w, err);

	if (status == TRW_OK)
		status = trw_rows_each(x->set, TRW_HASH_MD5, put, &w, err);
	if (status == TRW_OK)
		status = finish(&w, err);
	close_database(&w);
	if (status == TRW_OK)
		status = copy_out(&w, err);
	if (w.fd >= 0)
		(void)close(w.fd);
	return status;
}
