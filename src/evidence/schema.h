/* SPDX-License-Identifier: Apache-2.0 */
/** The SQL of the evidence database: tables and the report_* views that are a contract. */
#pragma once

#include <stdint.h>

#define TRW_EVIDENCE_APPLICATION_ID 0x5452574C /* "TRWL" */

/* Statements, NULL at the end. */
extern const char *const trw_schema_tables[]; /* what a new database needs before its first row */
extern const char *const trw_schema_views[];  /* report_*; trowel-db(5) documents every column */

/** Something that an earlier schema had in another form. */
struct trw_schema_old {
	const char *name;      /* of the table or view */
	const char *statement; /* that made it */
	const char *query;     /* its section of the canonical digest; NULL: none of its own */
};
extern const struct trw_schema_old trw_schema_2[]; /* a NULL name at the end */

/** The statement of trw_schema_tables or _views as this version of the schema had it. */
const char *trw_schema_statement(int64_t version, const char *today);
/** The same for a query of the canonical digest. */
const char *trw_schema_query(int64_t version, const char *table, const char *today);
