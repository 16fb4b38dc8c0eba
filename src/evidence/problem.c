/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/problem.h"

enum trw_status
trw_evidence_problem_add(
	struct trw_evidence *ev, const struct trw_evidence_problem *problem, struct trw_err *err)
{
	const struct trw_code_facts *code = trw_code_facts(problem->code);
	enum trw_stage stage = problem->stage == TRW_STAGE_NONE ? code->stage : problem->stage;
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_PROBLEM,
		"INSERT INTO problem (image_id, volume_id, filesystem_id, file_id, stage, code, path, inode, off,"
		" len, text) VALUES (?1, coalesce(?2, (SELECT s.volume_id FROM file JOIN filesystem AS s"
		" USING (filesystem_id) WHERE file_id = ?4)),"
		" coalesce(?3, (SELECT filesystem_id FROM file WHERE file_id = ?4)), ?4, ?5, ?6,"
		" coalesce(?7, (SELECT CASE WHEN stream IS NULL THEN path ELSE path || ':' || stream END"
		" FROM file WHERE file_id = ?4)),"
		" nullif(coalesce(nullif(?8, 0), (SELECT inode FROM file WHERE file_id = ?4)), 0), ?9, ?10, ?11)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_id(&row, problem->image_id);
	trw_row_id(&row, problem->volume_id);
	trw_row_id(&row, problem->filesystem_id);
	trw_row_id(&row, problem->file_id);
	trw_row_text(&row, trw_stage_text(stage));
	trw_row_text(&row, code->word);
	trw_row_text(&row, problem->path);
	trw_row_bits(&row, problem->inode);
	if (problem->has_range) {
		trw_row_length(&row, problem->off);
		trw_row_length(&row, problem->len);
	} else {
		trw_row_null(&row);
		trw_row_null(&row);
	}
	trw_row_text(&row, problem->text);
	return trw_row_end(&row, err);
}

enum trw_status
trw_problems_renumber(struct trw_evidence *ev, struct trw_err *err)
{
	/* By way of negative ids, so that no new id meets an old one. */
	return trw_store_exec(ev,
		"UPDATE problem SET problem_id = -r.n FROM (SELECT problem_id AS old, row_number()"
		" OVER (ORDER BY " TRW_PROBLEM_ORDER
		", problem_id) AS n FROM problem) AS r WHERE problem_id = r.old;"
		"UPDATE problem SET problem_id = -problem_id WHERE problem_id < 0",
		err);
}
