/* SPDX-License-Identifier: Apache-2.0 */
/** What the NSRL's databases (RDS v3) and their deltas have in common. Threads: any. */
#pragma once

#include "hashset/list/syntax/listdb.h"

/**
 * Begin to read FILE: columns sha256, sha1, md5, file_name, file_size of each row, absent ones
 * NULL. *is_distinct: rows with the same first three come one behind the other (or once, when names
 * are not wanted), in the order of the primary key, without a sort. Free *out with
 * sqlite3_finalize. Errors: TRW_ECORRUPT when there is no FILE with digests; those of
 * trw_listdb_prepare.
 */
TRW_NODISCARD enum trw_status trw_nsrl_files(struct trw_listdb *db, bool with_names,
	sqlite3_stmt **out, bool *is_distinct, struct trw_err *err);

/**
 * The entry of a row with these columns; NULL, or the reason why there is none, for
 * trw_list_reject. Strings are borrowed from the row.
 */
const char *trw_nsrl_entry(sqlite3_stmt *row, bool with_names, struct trw_entry *out);
