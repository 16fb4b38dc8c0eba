/* SPDX-License-Identifier: Apache-2.0 */
/** Putting an entry together, for readers. Threads: one owner. */
#pragma once

#include "hashset/list/contract/list.h"

/** An entry with room for its properties and copies of its strings. All-zero is empty. */
struct trw_draft {
	struct trw_entry entry;
	struct trw_property properties[TRW_PROPERTIES_MAX];
	struct trw_list *list; /* borrowed; told of what is left behind */
	char *text;            /* owned */
	size_t n_text, cap_text;
};
/** The draft of the list, empty: for its next record. It keeps the room that it has. */
struct trw_draft *trw_draft_begin(struct trw_list *l);
void trw_draft_clear(struct trw_draft *d); /* frees */

/**
 * The digest in n hex digits as one of this kind; TRW_HASH_N: the kind that has so many digits.
 * NULL = done; else the reason, a literal for trw_list_reject ("31 hex digits: no digest has that
 * length", "not hexadecimal", "two digests of one kind").
 */
const char *trw_draft_digest(
	struct trw_draft *d, enum trw_hash_kind kind, const char *digits, size_t n);

/**
 * Copies. Bytes that are not UTF-8 are taken as ISO 8859-1, but for the name, which keeps its
 * bytes. A value longer than entry.h allows is cut at a character, which is counted as left behind;
 * an empty one is nothing. Errors: TRW_ENOMEM; TRW_ELIMIT past TRW_PROPERTIES_MAX.
 */
TRW_NODISCARD enum trw_status trw_draft_name(
	struct trw_draft *d, const char *name, size_t n, struct trw_err *err);
/** The same; a category that says malicious or special makes the entry suspect. */
TRW_NODISCARD enum trw_status trw_draft_category(struct trw_draft *d, const char *scheme,
	size_t scheme_len, const char *category, size_t category_len, struct trw_err *err);
/** The same; a photodna in hex, as some lists have it, becomes the base64 of entry.h. */
TRW_NODISCARD enum trw_status trw_draft_property(struct trw_draft *d, const char *name,
	const char *value, size_t n,
	struct trw_err *err); /* name is a literal, or checked by the caller */

/**
 * Bytes of the file, in decimal digits, perhaps with ".0" behind them; nothing is nothing. What is
 * no size ("-1", "12 KB", -1 in 64 bits) is left behind and counted: digests are what a list is
 * for. NULL = done; else the reason for trw_list_reject: a number of more than 64 bits is no slip
 * but damage.
 */
TRW_NODISCARD const char *trw_draft_size(struct trw_draft *d, const char *text, size_t n);

/** The entry, once it is all there: borrowed until trw_draft_begin, which must come next. */
const struct trw_entry *trw_draft_entry(struct trw_draft *d);

/** The same, to trw_list_entry. */
TRW_NODISCARD enum trw_status trw_draft_give(struct trw_draft *d, struct trw_err *err);
