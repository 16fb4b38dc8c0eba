/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and closing. While a run writes, the file is locked for one process and has a rollback journal
 * beside it, which closing removes. A run appends nearly all that it writes: what is appended goes to the file once and not
 * into the journal at all, where a write-ahead log would take every page twice. Foreign keys are not checked row by row
 * - ids are positions, given by this program - but by verify. The tables and the application
 * id appear in one transaction: a file is either empty or ours.
 *
 * What a kill leaves until the run's row is committed: an empty file, perhaps with the journal of the tables, which
 * SQLite throws away or takes back with the pages it had let through; or tables without a run. All that resuming
 * has to do is to make the tables where they are missing.
 *
 * Reading opens with mode=ro. Two things can then stand in the way: a -journal that a killed writer
 * left on, where SQLite must first restore the last committed state (only then is the file opened for
 * writing, with query_only), and media that offer no locks (only then immutable=1).
 */
#include "base/alloc.h"
#include "base/text.h"
#include "evidence/audit.h"
#include "evidence/pending.h"
#include "evidence/schema.h"
#include "evidence/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 2000
#define CACHE_PRAGMA "PRAGMA cache_size = -32768;" /* KiB; part of the memory budget of a run */

/* A URI that SQLite reads back as exactly this path, whatever characters it has. */
static char *
path_uri(const char *path, const char *parameters, struct trw_err *err)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = strlen(path);
	char *uri = trw_alloc(3 * n + strlen(parameters) + sizeof("file://./?"), 1, err), *o;

	if (uri == NULL)
		return NULL;
	o = stpcpy(uri, path[0] == '/' ? "file://" : "file:./");
	for (const char *p = path; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '%' || c == '?' || c == '#' || c <= ' ' || c >= 0x7f) {
			*o++ = '%';
			*o++ = hex[c >> 4];
			*o++ = hex[c & 15];
		} else {
			*o++ = *p;
		}
	}
	*o++ = '?';
	(void)strcpy(o, parameters);
	return uri;
}

static bool
side_file_exists(const char *path, const char *suffix)
{
	char name[PATH_MAX + 16];
	struct stat st;
	int n = snprintf(name, sizeof(name), "%s%s", path, suffix);

	return n > 0 && (size_t)n < sizeof(name) && lstat(name, &st) == 0 && st.st_size > 0;
}

/* A database that could not be set up: only what this call has made. */
static void
remove_created(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-journal"};
	char name[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (snprintf(name, sizeof(name), "%s%s", path, suffixes[i]) < (int)sizeof(name))
			(void)unlink(name);
}

static enum trw_status
create_file(const char *path, struct trw_err *err)
{
	static const char *const suffixes[] = {"-wal", "-journal"};
	int fd;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (side_file_exists(path, suffixes[i]))
			return trw_fail(err, TRW_EUSAGE,
				"%s%s is left from another database of that name: choose another name",
				path, suffixes[i]);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd >= 0) {
		(void)close(fd);
		return TRW_OK;
	}
	switch (errno) {
	case EEXIST:
		return trw_fail(err, TRW_EUSAGE,
			"%s: exists already: choose another name, or add to it", path);
	case ENOENT:
	case ENOTDIR:
		return trw_fail(err, TRW_EUSAGE, "%s: no such directory: create it first", path);
	case EACCES:
	case EPERM:
		return trw_fail(err, TRW_EUSAGE,
			"%s: not permitted to create files in that directory", path);
	case EROFS:
		return trw_fail(err, TRW_EUSAGE,
			"%s: that file system is read-only: choose another place", path);
	case ENOSPC:
	case EDQUOT:
		return trw_fail(err, TRW_EDB,
			"%s: disk full: free space on its file system or use another one", path);
	default:
		return trw_fail_errno(err, errno, "%s: cannot create", path);
	}
}

static enum trw_status
check_exists(const char *path, int how, struct trw_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? trw_fail(err, TRW_EUSAGE, "%s: no such evidence database", path)
			       : trw_fail_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return trw_fail(err, TRW_EUSAGE, "%s: not a file", path);
	if (access(path, how) != 0)
		return trw_fail(err, TRW_EUSAGE, "%s: not permitted to %s it", path,
			how == R_OK ? "read" : "write to");
	return TRW_OK;
}

/* An empty file with a write-ahead log is not what a run of ours has left, and SQLite would throw the log away. */
static enum trw_status
check_alone(const char *path, struct trw_err *err)
{
	if (side_file_exists(path, "") || !side_file_exists(path, "-wal"))
		return TRW_OK;
	return trw_fail(err, TRW_EUSAGE, "%s: is empty, but %s-wal is not: not a run to resume",
		path, path);
}

static enum trw_status
connect_to(struct trw_evidence *ev, const char *parameters, int flags, struct trw_err *err)
{
	char *uri = path_uri(ev->path, parameters, err);
	enum trw_status status = TRW_OK;
	int rc;

	if (uri == NULL)
		return TRW_ENOMEM;
	rc = sqlite3_open_v2(uri, &ev->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	free(uri);
	if (ev->db == NULL)
		return trw_fail(err, TRW_ENOMEM, "%s: out of memory", ev->path);
	if (rc != SQLITE_OK)
		return trw_store_fail(ev, rc, err);
	/* The file may come from anybody: its schema may call nothing but plain functions. */
	(void)sqlite3_db_config(ev->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(ev->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_busy_timeout(ev->db, BUSY_MS);
	status = trw_store_exec(
		ev, "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;" CACHE_PRAGMA, err);
	return status;
}

static void
disconnect(struct trw_evidence *ev)
{
	for (int i = 0; i < TRW_STMT_N; i++) {
		(void)sqlite3_finalize(ev->stmts[i]);
		ev->stmts[i] = NULL;
	}
	(void)sqlite3_close_v2(ev->db);
	ev->db = NULL;
}

/* Is what was opened an evidence database that this program knows? */
static enum trw_status
check_identity(struct trw_evidence *ev, struct trw_err *err)
{
	int64_t id = 0, version = 0, n_tables = 0;
	enum trw_status status;

	if ((status = trw_store_number(ev, "PRAGMA application_id", 0, &id, err)) < 0 ||
		(status = trw_store_number(ev, "PRAGMA user_version", 0, &version, err)) < 0 ||
		(status = trw_store_number(
			 ev, "SELECT count(*) FROM sqlite_schema", 0, &n_tables, err)) < 0)
		return status;
	if (id == 0 && version == 0 && n_tables == 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: empty: the run that created it ended at once: begin it again with --resume",
			ev->path);
	if (id != TRW_EVIDENCE_APPLICATION_ID)
		return trw_fail(err, TRW_EUSAGE,
			"%s: a SQLite database, but not an evidence database", ev->path);
	if (version > TRW_EVIDENCE_SCHEMA)
		return trw_fail(err, TRW_EUSAGE,
			"%s: written by a newer version (schema %" PRId64
			", this program knows %d): update",
			ev->path, version, TRW_EVIDENCE_SCHEMA);
	if (version > 0 && version < TRW_EVIDENCE_SCHEMA_OLDEST)
		return trw_fail(err, TRW_EUSAGE,
			"%s: written by an earlier version (schema %" PRId64
			", this program knows %d to %d): use that one, or index the image again",
			ev->path, version, TRW_EVIDENCE_SCHEMA_OLDEST, TRW_EVIDENCE_SCHEMA);
	if (version <= 0)
		return trw_fail(err, TRW_ECORRUPT, "%s: schema version %" PRId64 " never existed",
			ev->path, version);
	ev->schema = version;
	return TRW_OK;
}

static enum trw_status
begin_writing(struct trw_evidence *ev, struct trw_err *err)
{
	return trw_store_exec(ev,
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
		" PRAGMA foreign_keys = OFF; BEGIN EXCLUSIVE",
		err);
}

/*
 * Make the tables of a file that had nothing in it. Between create_file and the lock another process may have resumed
 * into it: TRW_EUSAGE, as for one that is locked, and only then.
 */
static enum trw_status
begin_new(struct trw_evidence *ev, struct trw_err *err)
{
	char ids[96];
	int64_t n_tables = 0;
	enum trw_status status;

	ev->schema = TRW_EVIDENCE_SCHEMA;
	(void)snprintf(ids, sizeof(ids), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		TRW_EVIDENCE_APPLICATION_ID, TRW_EVIDENCE_SCHEMA);
	if ((status = trw_store_exec(ev, "PRAGMA page_size = 8192", err)) < 0 ||
		(status = begin_writing(ev, err)) < 0 ||
		(status = trw_store_number(
			 ev, "SELECT count(*) FROM sqlite_schema", 0, &n_tables, err)) < 0)
		return status;
	if (n_tables > 0)
		return trw_fail(err, TRW_EUSAGE, "%s: another run has begun in it", ev->path);
	if ((status = trw_store_exec_all(ev, trw_schema_tables, err)) < 0 ||
		(status = trw_store_exec_all(ev, trw_schema_views, err)) < 0 ||
		(status = trw_store_exec(ev, ids, err)) < 0 ||
		(status = trw_evidence_audit(ev, "create", "schema=1", err)) < 0)
		return status;
	return trw_evidence_commit(ev, err);
}

static enum trw_status
open_new(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = connect_to(ev, "mode=rw", SQLITE_OPEN_READWRITE, err);

	return status < 0 ? status : begin_new(ev, err);
}

static enum trw_status
open_add(struct trw_evidence *ev, struct trw_err *err)
{
	int64_t n_open = 0;
	enum trw_status status;

	/* Identity first: a foreign database must not even get its journal mode changed. */
	if ((status = connect_to(ev, "mode=rw", SQLITE_OPEN_READWRITE, err)) < 0 ||
		(status = check_identity(ev, err)) < 0 ||
		(status = trw_store_number(ev, "SELECT count(*) FROM run WHERE status = 'running'",
			 0, &n_open, err)) < 0)
		return status;
	if (n_open > 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: its last run did not finish: go on with --resume, or index into a new database",
			ev->path);
	return begin_writing(ev, err);
}

/* SQLite restores what a killed writer had committed when it first reads. */
static enum trw_status
open_resume(struct trw_evidence *ev, struct trw_err *err)
{
	int64_t n_pages = 0, is_complete = 0;
	enum trw_status status;

	if ((status = connect_to(ev, "mode=rw", SQLITE_OPEN_READWRITE, err)) < 0 ||
		(status = trw_store_number(ev, "PRAGMA page_count", 0, &n_pages, err)) < 0)
		return status;
	if (n_pages == 0)
		return begin_new(ev, err);
	if ((status = check_identity(ev, err)) < 0 ||
		(status = trw_store_number(ev,
			 "SELECT status = 'complete' FROM run ORDER BY run_id DESC LIMIT 1", 0,
			 &is_complete, err)) < 0)
		return status;
	if (is_complete > 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: its last run is complete: there is nothing to resume", ev->path);
	return begin_writing(ev, err);
}

static enum trw_status
open_read(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = connect_to(ev, "mode=ro", SQLITE_OPEN_READONLY, err);
	bool is_unfinished;

	if (status == TRW_OK)
		status = check_identity(ev, err);
	if (status == TRW_OK || status == TRW_EUSAGE || status == TRW_ENOMEM ||
		status == TRW_ECORRUPT)
		return status;
	is_unfinished =
		side_file_exists(ev->path, "-wal") || side_file_exists(ev->path, "-journal");
	disconnect(ev);
	if (is_unfinished)
		status = connect_to(ev, "mode=rw", SQLITE_OPEN_READWRITE, err);
	else
		status = connect_to(ev, "immutable=1", SQLITE_OPEN_READONLY, err);
	if (status == TRW_OK)
		status = check_identity(ev, err);
	if (status == TRW_OK)
		status = trw_store_exec(ev, "PRAGMA query_only = ON", err);
	return status < 0 && is_unfinished
		       ? trw_fail_in(err, "a killed run left %s-wal or -journal behind", ev->path)
		       : status;
}

enum trw_status
trw_evidence_open(const char *path, enum trw_evidence_mode mode, struct trw_evidence **out,
	struct trw_err *err)
{
	struct trw_evidence *ev = NULL;
	enum trw_status status = TRW_ENOMEM;
	bool is_created = false;

	ev = trw_alloc(1, sizeof(*ev), err);
	if (ev == NULL || (ev->path = trw_strdup(path, err)) == NULL)
		goto out;
	ev->mode = mode;
	switch (mode) {
	case TRW_EVIDENCE_CREATE:
		if ((status = create_file(path, err)) < 0)
			goto out;
		is_created = true;
		status = open_new(ev, err);
		break;
	case TRW_EVIDENCE_ADD:
		if ((status = check_exists(path, W_OK, err)) == TRW_OK)
			status = open_add(ev, err);
		break;
	case TRW_EVIDENCE_RESUME:
		if ((status = check_exists(path, W_OK, err)) == TRW_OK &&
			(status = check_alone(path, err)) == TRW_OK)
			status = open_resume(ev, err);
		break;
	case TRW_EVIDENCE_READ:
		if ((status = check_exists(path, R_OK, err)) == TRW_OK)
			status = open_read(ev, err);
		break;
	}
	if (status == TRW_OK) {
		*out = ev;
		ev = NULL;
	}
out:
	if (ev != NULL) {
		disconnect(ev);
		free(ev->path);
		free(ev);
		if (is_created && status != TRW_EUSAGE) /* else it is another's by now */
			remove_created(path);
	}
	return status;
}

enum trw_status
trw_evidence_reader(const struct trw_evidence *ev, struct trw_evidence **out, struct trw_err *err)
{
	struct trw_evidence *own = trw_alloc(1, sizeof(*own), err);
	enum trw_status status = TRW_ENOMEM;

	if (own == NULL)
		return TRW_ENOMEM;
	own->mode = TRW_EVIDENCE_READ;
	own->schema = ev->schema;
	if ((own->path = trw_strdup(ev->path, err)) != NULL)
		status = connect_to(own, "immutable=1", SQLITE_OPEN_READONLY, err);
	if (status == TRW_OK) /* it reads from front to back */
		status = trw_store_exec(own, "PRAGMA cache_size = -2048", err);
	if (status < 0) {
		(void)!trw_evidence_close(own, NULL);
		return status;
	}
	*out = own;
	return TRW_OK;
}

void
trw_evidence_set_threads(struct trw_evidence *ev, unsigned n_threads)
{
	ev->n_threads = n_threads;
}

enum trw_status
trw_evidence_commit(struct trw_evidence *ev, struct trw_err *err)
{
	if (ev->mode == TRW_EVIDENCE_READ)
		return trw_fail(err, TRW_EUSAGE, "%s: opened for reading only", ev->path);
	if (ev->is_broken)
		return trw_fail(err, TRW_EDB,
			"%s: an earlier failure has undone rows: the run cannot go on", ev->path);
	enum trw_status status = trw_pending_flush(ev, err);
	if (status == TRW_OK)
		status = trw_store_exec(ev, "COMMIT", err);
	if (status < 0) {
		ev->is_broken = true;
		return status;
	}
	status = trw_store_exec(ev, "BEGIN IMMEDIATE", err);
	if (status < 0)
		ev->is_broken = true;
	return status;
}

/* Commit and turn the file back into a plain one; a broken handle only goes back to what was committed. */
static enum trw_status
finish_writing(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = ev->is_broken ? TRW_OK : trw_pending_flush(ev, err), e = TRW_OK;

	for (int i = 0; i < TRW_STMT_N; i++)
		(void)sqlite3_reset(ev->stmts[i]);
	if (sqlite3_get_autocommit(ev->db) == 0)
		e = trw_store_exec(
			ev, ev->is_broken ? "ROLLBACK" : "COMMIT", status < 0 ? NULL : err);
	if (status == TRW_OK)
		status = e;
	if (status == TRW_OK)
		status = trw_store_exec(
			ev, "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE", err);
	return status;
}

enum trw_status
trw_evidence_close(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (ev == NULL)
		return TRW_OK;
	if (ev->mode != TRW_EVIDENCE_READ)
		status = finish_writing(ev, err);
	disconnect(ev);
	trw_pending_clear(ev);
	free(ev->path);
	free(ev);
	return status;
}
