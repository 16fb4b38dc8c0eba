/* SPDX-License-Identifier: Apache-2.0 */
/** The program's only voice: errors on standard error, rows on standard output, names that can't drive a terminal. */
#pragma once

#include "base/status.h"

#include <stdio.h>

enum trw_exit {
	TRW_EXIT_DONE = 0,
	TRW_EXIT_PROBLEMS = 1, /* done, with problems on record */
	TRW_EXIT_USAGE = 2,
	TRW_EXIT_FAILED = 3
};

/** The command that speaks; NULL = the program. Borrowed. */
void trw_say_as(const char *command);

/** "trowel: COMMAND: text" on standard error. */
void trw_say(const char *fmt, ...) TRW_PRINTF(1, 2);

/** Say err; the exit status that its code asks for. */
TRW_NODISCARD enum trw_exit trw_say_failure(const struct trw_err *err);

/** Say a wrong use and where the help is. */
TRW_NODISCARD enum trw_exit trw_say_usage(const char *fmt, ...) TRW_PRINTF(1, 2);

/**
 * n bytes of text to f, with every control byte (C0, DEL, C1 in UTF-8), backslash, bidi control and byte that is
 * no UTF-8 as \xNN.
 */
void trw_say_name(FILE *f, const char *s, size_t n);

/** n bytes of text as a JSON string to f, quotes included; bytes that are no UTF-8 as U+FFFD. */
void trw_say_json(FILE *f, const char *s, size_t n);

struct trw_evidence_counts;
/** "3 matches (1 alerts, 0 known), ..." on standard output. */
void trw_say_counts(const struct trw_evidence_counts *counts);

/** Say that alerts on these categories can't come (trw_setlist_unmet), unless there are none. */
void trw_say_unmet(const char *categories);

/** Flush standard output. False, and said, when anything that was written is lost (disk full, I/O error). */
TRW_NODISCARD bool trw_say_end(void);
