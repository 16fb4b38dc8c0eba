/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Records of separated values (RFC 4180, and what else is called so): fields in quotes may hold the
 * delimiter, doubled quotes and line ends; a quote that does not begin a field is a character like
 * any other. Threads: one owner.
 */
#pragma once

#include "base/buf.h"
#include "hashset/list/syntax/text_lines.h"

#define TRW_CSV_FIELDS_MAX 4096
#define TRW_CSV_RECORD_MAX ((size_t)1 << 20) /* bytes, over all its lines */
#define TRW_CSV_LINES_MAX 1000               /* of one record */
#define TRW_CSV_NONE SIZE_MAX

struct trw_csv {
	char delimiter;
	/* of the record that was read last, borrowed until the next */
	struct trw_field v[TRW_CSV_FIELDS_MAX];
	size_t n;
	uint64_t line;       /* that it begins at */
	struct trw_buf text; /* owned: a record over several lines */
	struct trw_buf bare; /* owned: fields without their quotes */
};

/** Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_csv_new(
	char delimiter, struct trw_csv **out, struct trw_err *err);
void trw_csv_free(struct trw_csv *c); /* NULL is fine */

/**
 * The next record. Lines that are empty count as skipped, and records that are none are rejected
 * (trw_list_reject); the next good one is given. TRW_END at the end. Errors: those of the input and
 * of rejecting.
 */
TRW_NODISCARD enum trw_status trw_csv_next(
	struct trw_csv *c, struct trw_list *l, struct trw_err *err);

typedef enum trw_status (*trw_csv_take)(void *ctx, struct trw_csv *c, struct trw_err *err);

/**
 * Read all of l->input: its first record to `header`, which counts as skipped, and each other one
 * to `row`. Errors: those of trw_csv_next and of the calls, which end it.
 */
TRW_NODISCARD enum trw_status trw_csv_read(struct trw_list *l, char delimiter, trw_csv_take header,
	trw_csv_take row, void *ctx, struct trw_err *err);

/** trw_list_reject for the record that was read last. */
TRW_NODISCARD enum trw_status trw_csv_reject(
	const struct trw_csv *c, struct trw_list *l, const char *reason, struct trw_err *err);

/**
 * The column of this name, whatever its case and punctuation; TRW_CSV_NONE. The last record is the
 * header.
 */
size_t trw_csv_column(const struct trw_csv *c, const char *name);

/** The field of a column; empty when the record is shorter, or at is TRW_CSV_NONE. */
struct trw_field trw_csv_field(const struct trw_csv *c, size_t at);

/** ',', ';' or tab: of which the first line has the most; 0 when it has none. */
char trw_csv_sniff(const uint8_t *p, size_t n);

/**
 * Format "csv": a column of this name is a digest, the size, name, category or scheme of the entry,
 * in whatever spelling.
 */
bool trw_csv_is_reserved(const char *name, size_t n);
