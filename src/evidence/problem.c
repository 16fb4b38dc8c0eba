/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/problem.h"

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
