/* SPDX-License-Identifier: Apache-2.0 */
/** The kinds of rows that take more than one statement, behind trw_evidence_put. */
#pragma once

#include "evidence/store.h"
#include "record/rows.h"

/* Columns of table file behind its ids, as the list of its fields has them. */
#define TRW_COLUMN_number(name) ", " #name
#define TRW_COLUMN_maybe(name) ", " #name
#define TRW_COLUMN_length(name) ", " #name
#define TRW_COLUMN_time(name) ", " #name
#define TRW_COLUMN_text(name) ", " #name ", raw_" #name
#define TRW_COLUMN_optional(name) ", " #name ", raw_" #name
#define TRW_FILE_COLUMN(how, type, name, max) TRW_COLUMN_##how(name)
#define TRW_FILE_COLUMNS                                                                           \
	"file_id, filesystem_id, image_id, parent_id" TRW_FILE_FIELDS(TRW_FILE_COLUMN)

TRW_NODISCARD enum trw_status trw_put_file(
	struct trw_evidence *ev, const struct trw_file *file, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_put_content(
	struct trw_evidence *ev, const struct trw_content_row *content, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_put_checkpoint(
	struct trw_evidence *ev, const struct trw_checkpoint *at, struct trw_err *err);
