/* SPDX-License-Identifier: Apache-2.0 */
/** The SQL of the evidence database: tables and the report_* views that are a contract. */
#pragma once

#define TRW_EVIDENCE_APPLICATION_ID 0x5452574C /* "TRWL" */

/* Statements, NULL at the end. */
extern const char *const trw_schema_tables[]; /* what a new database needs before its first row */
extern const char *const trw_schema_views[];  /* report_*; trowel-db(5) documents every column */
