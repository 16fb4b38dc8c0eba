/* SPDX-License-Identifier: Apache-2.0 */
/** Reading lists that are lines. Threads: one owner. */
#pragma once

#include "hashset/list/contract/draft.h"

typedef enum trw_status (*trw_text_line)(
	void *ctx, const char *line, size_t n, struct trw_err *err);

/**
 * Call take for every line that is not empty and does not begin with `comment` (0: none does); the
 * others count as skipped. One that is longer than TRW_INPUT_LINE_MAX is rejected, and so is one
 * with a CR inside: it may be two. Errors: those of take and of the input.
 */
TRW_NODISCARD enum trw_status trw_text_lines(
	struct trw_list *l, char comment, trw_text_line take, void *ctx, struct trw_err *err);

/** trw_list_reject for the line that was read last. */
TRW_NODISCARD enum trw_status trw_text_reject(
	struct trw_list *l, const char *reason, struct trw_err *err);

/** trw_draft_give for the line that was read last. */
TRW_NODISCARD enum trw_status trw_text_give(struct trw_list *l);

/** A part of a line. */
struct trw_field {
	const char *p;
	size_t n;
};

/** Cut at a character: at most `max` fields, of which the last has the rest. How many there are. */
size_t trw_text_split(const char *line, size_t n, char at, struct trw_field *out, size_t max);

/** The same letters and digits, in whatever case. */
bool trw_field_is(const struct trw_field *f, const char *text);

/** The first line of a head, without its end (LF, CRLF, CR); n 0 when there is none. */
struct trw_field trw_text_first(const uint8_t *p, size_t n);
/** The first that trw_text_lines would hand over. */
struct trw_field trw_text_first_record(const uint8_t *p, size_t n, char comment);
