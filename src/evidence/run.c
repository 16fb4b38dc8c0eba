/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/clock.h"
#include "evidence/audit.h"
#include "evidence/canonical.h"
#include "evidence/checkpoint.h"
#include "evidence/problem.h"
#include "evidence/schema.h"
#include "evidence/session.h"

#include <stdlib.h>
#include <string.h>

enum trw_status
trw_evidence_run_begin(struct trw_evidence *ev, const struct trw_evidence_run *run, int64_t *run_id,
	struct trw_err *err)
{
	char *detail = NULL;
	struct trw_bind row;
	int64_t last;
	enum trw_status status;

	if ((status = trw_store_may_run(ev, err)) < 0 ||
		(status = trw_store_number(ev, "SELECT max(run_id) FROM run", 0, &last, err)) < 0 ||
		(last > 0 && (status = trw_canonical_confirm_all(ev, err)) < 0))
		return status;
	detail = trw_format(err, "run=%" PRId64 " version=%s", last + 1,
		run->tool_version == NULL ? "" : run->tool_version);
	if (detail == NULL)
		return TRW_ENOMEM;
	if ((status = trw_bind_start(ev, TRW_STMT_RUN,
		     "INSERT INTO run (run_id, status, tool_version, libraries, arguments, options, case_number,"
		     " examiner, evidence_id, host, started_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		     &row, err)) < 0)
		goto out;
	trw_bind_int(&row, last + 1);
	trw_bind_text(&row, "running");
	trw_bind_text(&row, run->tool_version);
	trw_bind_text(&row, run->libraries);
	trw_bind_text(&row, run->arguments);
	trw_bind_text(&row, run->options);
	trw_bind_text(&row, run->case_number);
	trw_bind_text(&row, run->examiner);
	trw_bind_text(&row, run->evidence_id);
	trw_bind_text(&row, run->host);
	trw_bind_int(&row, trw_now_ns());
	if ((status = trw_bind_end(&row, err)) < 0 ||
		(status = trw_checkpoints_begin(ev, last + 1, run, err)) < 0 ||
		(status = trw_evidence_audit(ev, "run begin", detail, err)) < 0 ||
		(status = trw_evidence_commit(ev, err)) <
			0) /* a kill from now on leaves "running" */
		goto out;
	*run_id = last + 1;
out:
	free(detail);
	return status;
}

static enum trw_status
set_run_end(struct trw_evidence *ev, int64_t run_id, const char *status_text, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_RUN_END,
		"UPDATE run SET status = ?, ended_ns = ? WHERE run_id = ? AND status = 'running'",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_text(&row, status_text);
	trw_bind_int(&row, trw_now_ns());
	trw_bind_int(&row, run_id);
	if ((status = trw_bind_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(
			err, TRW_EUSAGE, "%s: run %" PRId64 " is not running", ev->path, run_id);
	return TRW_OK;
}

static enum trw_status
end_run(struct trw_evidence *ev, int64_t run_id, const char *status_text,
	const struct trw_canonical_slices *slices, struct trw_err *err)
{
	char *detail = NULL;
	enum trw_status status;

	if ((status = set_run_end(ev, run_id, status_text, err)) < 0 ||
		(status = trw_session_end_run(ev, run_id, status_text, err)) < 0 ||
		(strcmp(status_text, "complete") == 0 &&
			(status = trw_checkpoints_drop(ev, err)) < 0) ||
		(status = trw_problems_renumber(ev, err)) < 0 ||
		(status = trw_canonical_detail(ev, run_id, status_text, slices, &detail, err)) < 0)
		return status;
	status = trw_evidence_audit(ev, TRW_AUDIT_RUN_END, detail, err);
	free(detail);
	return status;
}

/* All or nothing: a run that is "complete" without its line in the audit chain would be a false one. */
enum trw_status
trw_evidence_run_end(
	struct trw_evidence *ev, int64_t run_id, const char *status_text, struct trw_err *err)
{
	struct trw_canonical_slices slices;
	enum trw_status status;

	if ((status = trw_evidence_commit(ev, err)) < 0 ||
		(status = trw_canonical_slices(ev, &slices, err)) < 0 ||
		(status = trw_store_exec(ev, "SAVEPOINT run_end", err)) < 0)
		return status;
	status = end_run(ev, run_id, status_text, &slices, err);
	if (status < 0) {
		(void)!trw_store_exec(ev, "ROLLBACK TO run_end", NULL);
		(void)!trw_store_exec(ev, "RELEASE run_end", NULL);
		return status;
	}
	status = trw_store_exec(ev, "RELEASE run_end", err);
	return status < 0 ? status : trw_evidence_commit(ev, err);
}

enum trw_status
trw_evidence_next_ids(struct trw_evidence *ev, struct trw_evidence_ids *out, struct trw_err *err)
{
	const struct {
		const char *sql;
		int64_t *last;
	} ids[] = {
		{"SELECT max(image_id) FROM image", &out->image},
		{"SELECT max(volume_id) FROM volume", &out->volume},
		{"SELECT max(filesystem_id) FROM filesystem", &out->filesystem},
		{"SELECT max(file_id) FROM file", &out->file},
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		enum trw_status status = trw_store_number(ev, ids[i].sql, 0, ids[i].last, err);
		if (status < 0)
			return status;
		++*ids[i].last;
	}
	return TRW_OK;
}
