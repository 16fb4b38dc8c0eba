/* SPDX-License-Identifier: Apache-2.0 */
/** The ledger's item "names" as a query, so that verify computes it by the same rule as the writer. */
#pragma once

#include "evidence/store.h"

/** (outcome, count) of the image ?1. */
#define TRW_LEDGER_NAMES                                                                                                 \
	"SELECT outcome, sum(n) AS n FROM (SELECT CASE c.state WHEN 0 THEN 'complete' WHEN 1 THEN 'partial'"             \
	" WHEN 2 THEN 'substituted' WHEN 3 THEN 'none'"                                                                  \
	" ELSE CASE WHEN f.content_source THEN 'not read' ELSE 'no content due' END END AS outcome,"                     \
	" count(*) AS n FROM file AS f LEFT JOIN content AS c ON c.file_id = f.file_id WHERE f.image_id = ?1 GROUP BY 1" \
	" UNION ALL SELECT t.outcome, t.count FROM item_count AS t"                                                      \
	" JOIN filesystem AS s USING (filesystem_id) WHERE s.image_id = ?1 AND t.outcome <> 'seen')"                     \
	" GROUP BY outcome"

/** The number of names that the walk saw in the image ?1. */
#define TRW_LEDGER_SEEN                                                                                    \
	"SELECT coalesce(sum(t.count), 0) FROM item_count AS t JOIN filesystem AS s USING (filesystem_id)" \
	" WHERE s.image_id = ?1 AND t.outcome = 'seen'"

/** What the stored rows of the image ?1 account for: to be equal to "names seen". */
#define TRW_LEDGER_ACCOUNTED                                                                               \
	"SELECT coalesce(sum(CASE outcome WHEN 'extra stream' THEN -count ELSE count END), 0) FROM ledger" \
	" WHERE image_id = ?1 AND item = 'names'"
