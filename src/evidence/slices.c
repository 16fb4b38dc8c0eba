/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First the list of slices that are not empty: one look into the table for each. Then every thread takes the
 * next one that nobody has, on a connection of its own; the caller is one of the threads. The other connections
 * are opened as immutable, that is without locks: the file does not change, because this process either has it locked
 * for itself and writes nothing meanwhile, or holds the lock that keeps writers away (hold_still). A file in
 * WAL mode - which trowel does not make - is read by one thread.
 */
#include "evidence/slices.h"

#include "base/alloc.h"
#include "base/first_error.h"
#include "base/team.h"
#include "evidence/store.h"

#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 16

struct slice {
	size_t table;
	int64_t number; /* file_id / TRW_SLICE_FILES, rounded down */
	uint8_t digest[32];
};

struct plan {
	const struct trw_sliced *tables; /* borrowed */
	size_t n_tables;
	struct slice *v; /* by table and number; each digest belongs to the thread that took it */
	size_t n, cap;
	struct digester *digesters;
	struct trw_first_error failed;
};

/* What one thread has for itself. */
struct digester {
	struct trw_evidence *ev; /* its connection */
	sqlite3_stmt **stmts;    /* one per table */
};

static enum trw_status
slice_add(struct plan *p, size_t table, int64_t number, struct trw_err *err)
{
	void *v = trw_grow(p->v, p->n, &p->cap, sizeof(*p->v), SIZE_MAX / sizeof(*p->v), err);

	if (v == NULL)
		return TRW_ENOMEM;
	p->v = v;
	p->v[p->n++] = (struct slice){.table = table, .number = number};
	return TRW_OK;
}

static int64_t
slice_of(int64_t file_id)
{
	return file_id / TRW_SLICE_FILES - (file_id % TRW_SLICE_FILES < 0);
}

static enum trw_status
plan_table(struct plan *p, size_t table, struct trw_evidence *ev, struct trw_err *err)
{
	char sql[128];
	sqlite3_stmt *stmt = NULL;
	int64_t from = INT64_MIN;
	enum trw_status status;
	int rc;

	(void)snprintf(sql, sizeof(sql),
		"SELECT file_id FROM %s WHERE file_id >= ? ORDER BY file_id LIMIT 1",
		p->tables[table].name);
	if ((status = trw_store_prepare(ev, sql, &stmt, err)) < 0)
		return status;
	for (;;) {
		(void)sqlite3_reset(stmt);
		(void)sqlite3_bind_int64(stmt, 1, from);
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		int64_t number = slice_of(sqlite3_column_int64(stmt, 0));
		if ((status = slice_add(p, table, number, err)) < 0 ||
			number == slice_of(INT64_MAX))
			break;
		from = (number + 1) * TRW_SLICE_FILES;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
slice_digest(struct digester *d, struct slice *s, struct trw_err *err)
{
	sqlite3_stmt *stmt = d->stmts[s->table];
	int64_t from = s->number * TRW_SLICE_FILES;
	struct trw_encoder e;
	enum trw_status status = TRW_OK;
	int rc;

	(void)sqlite3_bind_int64(stmt, 1, from);
	(void)sqlite3_bind_int64(stmt, 2, from + (TRW_SLICE_FILES - 1));
	trw_encode_start(&e);
	int n = sqlite3_column_count(stmt);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		trw_encode_columns(&e, stmt, 0, n);
	if (rc != SQLITE_DONE)
		status = trw_store_fail(d->ev, rc, err);
	(void)sqlite3_reset(stmt);
	trw_encode_finish(&e, s->digest);
	return status;
}

static void
slice_take(void *ctx, unsigned member, size_t i)
{
	struct plan *p = ctx;
	struct trw_err err = {0};

	if (trw_first_error_is_set(&p->failed) ||
		slice_digest(&p->digesters[member], &p->v[i], &err) == TRW_OK)
		return;
	(void)trw_fail_in(&err, "digest of table %s", p->tables[p->v[i].table].name);
	trw_first_error_set(&p->failed, &err);
}

static enum trw_status
digester_prepare(
	struct digester *d, const struct plan *p, struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	d->ev = ev;
	d->stmts = trw_alloc(p->n_tables, sizeof(sqlite3_stmt *), err);
	if (d->stmts == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < p->n_tables && status == TRW_OK; i++)
		status = trw_store_prepare(ev, p->tables[i].sql, &d->stmts[i], err);
	return status;
}

static void
digester_clear(struct digester *d, const struct plan *p)
{
	for (size_t i = 0; d->stmts != NULL && i < p->n_tables; i++)
		(void)sqlite3_finalize(d->stmts[i]);
	free(d->stmts);
	d->stmts = NULL;
}

static void
digester_close(struct digester *d, const struct plan *p)
{
	digester_clear(d, p);
	(void)!trw_evidence_close(d->ev, TRW_IGNORE);
}

/* False: there can be no more threads; the others do its part. */
static bool
digester_open(struct digester *d, const struct plan *p, const struct trw_evidence *ev)
{
	struct trw_evidence *own = NULL;

	if (trw_evidence_reader(ev, &own, TRW_IGNORE) < 0)
		return false;
	if (digester_prepare(d, p, own, TRW_IGNORE) == TRW_OK)
		return true;
	digester_close(d, p);
	return false;
}

static enum trw_status
run_plan(struct plan *p, struct trw_evidence *ev, unsigned n_threads, struct trw_err *err)
{
	struct digester d[THREADS_MAX] = {0};
	enum trw_status status = digester_prepare(&d[0], p, ev, err);
	unsigned n = 1;

	while (status == TRW_OK && n < n_threads && digester_open(&d[n], p, ev))
		n++;
	p->digesters = d;
	trw_first_error_init(&p->failed);
	if (status == TRW_OK) {
		trw_team_run(n, p->n, slice_take, p);
		status = trw_first_error_get(&p->failed, err);
	}
	trw_first_error_destroy(&p->failed);
	while (--n > 0)
		digester_close(&d[n], p);
	digester_clear(&d[0], p);
	return status;
}

/* From the slices' digests to those of the tables. */
static void
plan_finish(const struct plan *p, uint8_t (*each)[32])
{
	const struct slice *s = p->v, *end = p->n > 0 ? p->v + p->n : s;

	for (size_t t = 0; t < p->n_tables; t++) {
		struct trw_encoder e;
		trw_encode_start(&e);
		for (; s < end && s->table == t; s++) {
			trw_encode_row(&e);
			trw_encode_int(&e, s->number);
			trw_encode_blob(&e, s->digest, sizeof(s->digest));
		}
		trw_encode_finish(&e, each[t]);
	}
}

/* Keep writers of other processes away until let_go. *is_wal: other connections may see something else. */
static enum trw_status
hold_still(struct trw_evidence *ev, bool *is_wal, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n;
	enum trw_status status = TRW_OK;

	if (ev->mode == TRW_EVIDENCE_READ)
		status = trw_store_exec(ev, "BEGIN", err);
	if (status < 0 ||
		(status = trw_store_number(ev, "SELECT count(*) FROM sqlite_schema", 0, &n, err)) <
			0 ||
		(status = trw_store_prepare(ev, "PRAGMA journal_mode", &stmt, err)) < 0)
		return status;
	*is_wal = sqlite3_step(stmt) != SQLITE_ROW ||
		  sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	(void)sqlite3_finalize(stmt);
	return TRW_OK;
}

static void
let_go(struct trw_evidence *ev)
{
	if (ev->mode == TRW_EVIDENCE_READ && sqlite3_get_autocommit(ev->db) == 0)
		(void)!trw_store_exec(ev, "COMMIT", TRW_IGNORE);
}

enum trw_status
trw_slices_digest(struct trw_evidence *ev, const struct trw_sliced *tables, size_t n,
	unsigned n_threads, uint8_t (*each)[32], struct trw_err *err)
{
	struct plan plan = {.tables = tables, .n_tables = n};
	bool is_wal = true;
	enum trw_status status = hold_still(ev, &is_wal, err);

	for (size_t i = 0; i < n && status == TRW_OK; i++)
		if ((status = plan_table(&plan, i, ev, err)) < 0)
			status = trw_fail_in(err, "digest of table %s", tables[i].name);
	if (is_wal || n_threads == 0)
		n_threads = 1;
	if (n_threads > plan.n)
		n_threads = plan.n > 0 ? (unsigned)plan.n : 1;
	if (n_threads > THREADS_MAX)
		n_threads = THREADS_MAX;
	if (status == TRW_OK)
		status = run_plan(&plan, ev, n_threads, err);
	if (status == TRW_OK)
		plan_finish(&plan, each);
	let_go(ev);
	free(plan.v);
	return status;
}
