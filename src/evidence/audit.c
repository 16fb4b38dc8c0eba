/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/audit.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>

void
trw_audit_hash(const uint8_t prev[32], const struct trw_audit_row *row, uint8_t out[32])
{
	struct trw_encoder e;

	trw_encode_start(&e);
	trw_encode_row(&e);
	trw_encode_blob(&e, prev, 32);
	trw_encode_int(&e, row->seq);
	trw_encode_int(&e, row->at_ns);
	trw_encode_text(&e, row->action, strlen(row->action));
	trw_encode_text(&e, row->detail, strlen(row->detail));
	trw_encode_finish(&e, out);
}

/* The last row's number and hash; zeros before the first. */
static enum trw_status
chain_end(struct trw_evidence *ev, int64_t *seq, uint8_t hash[32], struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(
		ev, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", &stmt, err);
	int rc;

	if (status < 0)
		return status;
	*seq = 0;
	memset(hash, 0, 32);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const void *p = sqlite3_column_blob(stmt, 1);
		*seq = sqlite3_column_int64(stmt, 0);
		if (p == NULL || sqlite3_column_bytes(stmt, 1) != 32)
			status = trw_fail(err, TRW_ECORRUPT,
				"%s: audit row %" PRId64 " has no hash: run verify", ev->path,
				*seq);
		else
			memcpy(hash, p, 32);
	} else if (rc != SQLITE_DONE) {
		status = trw_store_fail(ev, rc, err);
	}
	(void)sqlite3_finalize(stmt);
	return status;
}

enum trw_status
trw_evidence_audit(
	struct trw_evidence *ev, const char *action, const char *detail, struct trw_err *err)
{
	struct trw_audit_row audit = {.at_ns = trw_now_ns(), .action = action, .detail = detail};
	uint8_t prev[32], hash[32];
	struct trw_bind row;
	enum trw_status status;

	if ((status = trw_bind_start(ev, TRW_STMT_AUDIT,
		     "INSERT INTO audit (seq, at_ns, action, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?)",
		     &row, err)) < 0 ||
		(status = chain_end(ev, &audit.seq, prev, err)) < 0)
		return status;
	audit.seq++;
	trw_audit_hash(prev, &audit, hash);
	trw_bind_int(&row, audit.seq);
	trw_bind_int(&row, audit.at_ns);
	trw_bind_text(&row, action);
	trw_bind_text(&row, detail);
	trw_bind_blob(&row, prev, sizeof(prev));
	trw_bind_blob(&row, hash, sizeof(hash));
	return trw_bind_end(&row, err);
}

enum trw_status
trw_audit_last_end(struct trw_evidence *ev, char **out, struct trw_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, TRW_AUDIT_LAST_END, &stmt, err);
	int rc;

	if (status < 0)
		return status;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 1);
		*out = trw_strdup(text == NULL ? "" : text, err);
		status = *out == NULL ? TRW_ENOMEM : TRW_OK;
	} else if (rc == SQLITE_DONE) {
		status = trw_fail(err, TRW_ECORRUPT,
			"%s: the audit chain does not say how a run ended: run verify", ev->path);
	} else {
		status = trw_store_fail(ev, rc, err);
	}
	(void)sqlite3_finalize(stmt);
	return status;
}
