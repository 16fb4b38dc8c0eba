/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte of an image goes to exactly one outcome. The claims on bytes (damage, extents, block maps, file
 * systems, volumes) come from one query in ascending order of their starts; SQLite sorts them, on disk when
 * they are many. Of each class only the furthest end so far is kept: with all claims that start at or before
 * a position known, a class covers that position exactly when its furthest end lies behind it. So memory is
 * constant, overlaps and claims past the image do no harm, and each byte goes to the first class that
 * covers it. (A list of open intervals would be the textbook way; hostile extents could make it huge.)
 */
#include "evidence/ledger.h"
#include "evidence/pending.h"

#include "evidence/problem.h"
#include "evidence/rows.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX "8796093022208" /* 2^43: a lying worker must not make a sum overflow */

/* In order of precedence; the numbers are those in claims_sql. */
static const char *const outcomes[] = {"unreadable", "substituted", "file content",
	"deleted file content", "file system metadata", "allocated, no file", "unallocated",
	"file system, unclassified", "volume without file system", "partition table",
	"outside partitions"};
#define N_OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))
#define OUTSIDE (N_OUTCOMES - 1) /* what nobody claims */

static const char claims_sql[] =
	"SELECT off, len, CASE why WHEN 'missing' THEN 0 ELSE 1 END FROM image_damage WHERE image_id = ?1"
	" UNION ALL SELECT e.off, e.len, CASE WHEN f.kind IN (9, 10) THEN 4 WHEN f.state <> 0 THEN 3"
	" WHEN f.kind = 2 THEN 4 ELSE 2 END FROM file AS f JOIN extent AS e USING (file_id)"
	" WHERE f.image_id = ?1 AND e.kind = 0"
	" UNION ALL SELECT b.off, b.len, CASE b.class WHEN 0 THEN 5 WHEN 1 THEN 4 ELSE 6 END"
	" FROM block_run AS b JOIN filesystem AS s USING (filesystem_id) WHERE s.image_id = ?1"
	" UNION ALL SELECT off, len, 7 FROM filesystem WHERE image_id = ?1"
	" UNION ALL SELECT off, len, CASE kind WHEN 'table' THEN 9 ELSE 8 END FROM volume"
	" WHERE image_id = ?1 AND (kind IN ('partition', 'pool', 'pool volume', 'table') OR kind = 'whole image'"
	" AND NOT EXISTS (SELECT 1 FROM volume AS o WHERE o.image_id = ?1 AND o.kind IN ('partition', 'table')))"
	" ORDER BY 1";

struct sweep {
	uint64_t pos;             /* all bytes before it have their outcome */
	uint64_t end[N_OUTCOMES]; /* furthest end of the claims of a class */
	uint64_t bytes[N_OUTCOMES], runs[N_OUTCOMES];
	size_t last; /* outcome of the byte before pos; N_OUTCOMES at the start */
};

static void
sweep_to(struct sweep *s, uint64_t to)
{
	while (s->pos < to) {
		uint64_t stop = to;
		size_t c = 0;
		while (c < OUTSIDE && s->end[c] <= s->pos)
			c++;
		if (c < OUTSIDE && s->end[c] < to)
			stop = s->end[c];
		s->bytes[c] += stop - s->pos;
		if (c != s->last)
			s->runs[c]++;
		s->last = c;
		s->pos = stop;
	}
}

static enum trw_status
sweep_image(struct trw_evidence *ev, int64_t image_id, uint64_t size, struct sweep *s,
	struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, claims_sql, &stmt, err);
	int rc;

	if (status < 0)
		return status;
	*s = (struct sweep){.last = N_OUTCOMES};
	(void)sqlite3_bind_int64(stmt, 1, image_id);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint64_t off = (uint64_t)sqlite3_column_int64(stmt, 0);
		uint64_t len = (uint64_t)sqlite3_column_int64(stmt, 1);
		int64_t class = sqlite3_column_int64(stmt, 2);
		if (off >= size)
			break;
		if (len > size - off)
			len = size - off;
		sweep_to(s, off);
		if (s->end[class] < off + len)
			s->end[class] = off + len;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	sweep_to(s, size);
	return status;
}

static enum trw_status
write_bytes(struct trw_evidence *ev, int64_t image_id, const struct sweep *s, struct trw_err *err)
{
	for (size_t i = 0; i < N_OUTCOMES; i++) {
		struct trw_bind row;
		enum trw_status status = trw_bind_start(ev, TRW_STMT_LEDGER,
			"INSERT INTO ledger (image_id, item, outcome, count, bytes) VALUES (?, 'bytes', ?, ?, ?)",
			&row, err);
		if (status < 0)
			return status;
		trw_bind_int(&row, image_id);
		trw_bind_text(&row, outcomes[i]);
		trw_bind_length(&row, s->runs[i]);
		trw_bind_length(&row, s->bytes[i]);
		if ((status = trw_bind_end(&row, err)) < 0)
			return status;
	}
	return TRW_OK;
}

/* Run one statement about one image; *out, when wanted, is its first number. */
static enum trw_status
run_for(struct trw_evidence *ev, const char *sql, int64_t image_id, int64_t *out,
	struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, sql, &stmt, err);
	int rc;

	if (status < 0)
		return status;
	(void)sqlite3_bind_int64(stmt, 1, image_id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && out != NULL)
		*out = sqlite3_column_int64(stmt, 0);
	else if (rc == SQLITE_DONE && out != NULL)
		status = trw_fail(err, TRW_EUSAGE, "%s: no image %" PRId64, ev->path, image_id);
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	return status;
}

static enum trw_status
unbalanced(struct trw_evidence *ev, int64_t image_id, const char *text, bool *balanced,
	struct trw_err *err)
{
	struct trw_row row = {.kind = TRW_ROW_PROBLEM,
		.u.problem = {.image_id = image_id,
			.code = TRW_CODE_LEDGER_UNBALANCED,
			.text = trw_bytes_of(text)}};

	*balanced = false;
	return trw_evidence_put(ev, &row, err);
}

static enum trw_status
check_balance(struct trw_evidence *ev, int64_t image_id, uint64_t size, bool *balanced,
	struct trw_err *err)
{
	int64_t bytes = 0, seen = 0, accounted = 0, n_unread = 0;
	char text[160];
	enum trw_status status;

	*balanced = true;
	if ((status = run_for(ev,
		     "SELECT sum(bytes) FROM ledger WHERE image_id = ? AND item = 'bytes'",
		     image_id, &bytes, err)) < 0 ||
		(status = run_for(ev, TRW_LEDGER_SEEN, image_id, &seen, err)) < 0 ||
		(status = run_for(ev, TRW_LEDGER_ACCOUNTED, image_id, &accounted, err)) < 0 ||
		(status = run_for(ev,
			 "SELECT coalesce(sum(count), 0) FROM ledger WHERE image_id = ? AND item = 'names'"
			 " AND outcome = 'not read'",
			 image_id, &n_unread, err)) < 0)
		return status;
	if ((uint64_t)bytes != size) {
		(void)snprintf(text, sizeof(text),
			"outcomes of bytes add up to %" PRId64 " of %" PRIu64, bytes, size);
		if ((status = unbalanced(ev, image_id, text, balanced, err)) < 0)
			return status;
	}
	if (seen != accounted) {
		(void)snprintf(text, sizeof(text),
			"%" PRId64 " names seen, %" PRId64 " accounted for", seen, accounted);
		if ((status = unbalanced(ev, image_id, text, balanced, err)) < 0)
			return status;
	}
	if (n_unread > 0) {
		(void)snprintf(text, sizeof(text), "%" PRId64 " streams were never read", n_unread);
		status = unbalanced(ev, image_id, text, balanced, err);
	}
	return status;
}

static enum trw_status
close_books(struct trw_evidence *ev, int64_t image_id, bool *balanced, struct trw_err *err)
{
	struct sweep sweep;
	int64_t size = 0;
	enum trw_status status;

	if ((status = run_for(
		     ev, "SELECT size FROM image WHERE image_id = ?", image_id, &size, err)) < 0 ||
		(status = run_for(
			 ev, "DELETE FROM ledger WHERE image_id = ?", image_id, NULL, err)) < 0 ||
		(status = sweep_image(ev, image_id, (uint64_t)size, &sweep, err)) < 0 ||
		(status = write_bytes(ev, image_id, &sweep, err)) < 0 ||
		(status = run_for(ev,
			 "INSERT INTO ledger (image_id, item, outcome, count)"
			 " SELECT ?1, 'names', outcome, n FROM (" TRW_LEDGER_NAMES ")",
			 image_id, NULL, err)) < 0 ||
		(status = run_for(ev,
			 "INSERT INTO ledger (image_id, item, outcome, count)"
			 " SELECT ?1, 'names seen', 'seen', (" TRW_LEDGER_SEEN ")",
			 image_id, NULL, err)) < 0 ||
		(status = check_balance(ev, image_id, (uint64_t)size, balanced, err)) < 0 ||
		(status = run_for(ev,
			 "DELETE FROM block_run WHERE filesystem_id IN"
			 " (SELECT filesystem_id FROM filesystem WHERE image_id = ?)",
			 image_id, NULL, err)) < 0)
		return status;
	if ((status = trw_problems_renumber(ev, err)) < 0)
		return status;
	if ((status = run_for(ev, "DELETE FROM checkpoint_damage WHERE image_id = ?", image_id,
		     NULL, err)) < 0)
		return status;
	return run_for(ev,
		"UPDATE checkpoint SET is_closed = 1, media_off = NULL, media_state = NULL"
		" WHERE image_id = ?",
		image_id, NULL, err);
}

/* All or nothing: without its block map an image that is not closed could not be closed by a resumed run. */
enum trw_status
trw_evidence_close_books(
	struct trw_evidence *ev, int64_t image_id, bool *balanced, struct trw_err *err)
{
	enum trw_status status;

	if (ev->mode == TRW_EVIDENCE_READ || ev->is_broken)
		return trw_fail(err, TRW_EDB, "%s: cannot be written any more", ev->path);
	if ((status = trw_pending_flush(ev, err)) < 0 ||
		(status = trw_store_exec(ev, "SAVEPOINT close_books", err)) < 0)
		return status;
	status = close_books(ev, image_id, balanced, err);
	if (status < 0) {
		(void)!trw_store_exec(ev, "ROLLBACK TO close_books", NULL);
		(void)!trw_store_exec(ev, "RELEASE close_books", NULL);
		return status;
	}
	return trw_store_exec(ev, "RELEASE close_books", err);
}
