/* SPDX-License-Identifier: Apache-2.0 */
/** What an entry of a set says, as text for the database. Threads: any. */
#pragma once

#include "hashset/entry.h"

/** All owned; UTF-8, with U+FFFD for bytes that are not. */
struct trw_entry_text {
	char *name;              /* the file's, else "row N" */
	char *scheme, *category; /* NULL = none */
	char *properties;        /* a JSON object; NULL = there are none */
	char *marks; /* what "marks" says there, joined: "tlp:red, pap:red"; NULL = none */
};

/**
 * properties has one member for each name, in the order of the set, the value a string, or an array of them where the
 * name comes several times; then, in hexadecimal, the digests that the database has no column for ("sha512").
 * Errors: TRW_ENOMEM; out must be cleared in any case.
 */
TRW_NODISCARD enum trw_status trw_entry_text_make(const struct trw_entry *entry, uint32_t row,
	struct trw_entry_text *out, struct trw_err *err);
void trw_entry_text_clear(struct trw_entry_text *text);
