/* SPDX-License-Identifier: Apache-2.0 */
/** Putting an entry together, for readers. Threads: one owner. */
#pragma once

#include "hashset/list/contract/list.h"

/**
 * An entry with room for its properties and copies of its strings. All-zero is empty. The first
 * thing that is wrong with it is kept, and what comes behind it is passed over: so a reader puts in
 * one value after the other and asks once, when it gives the entry away.
 */
struct trw_draft {
	struct trw_entry entry;
	struct trw_property properties[TRW_PROPERTIES_MAX];
	struct trw_list *list; /* borrowed; told of what is left behind */
	char *text;            /* owned */
	size_t n_text, cap_text;
	const char *reason;     /* why the record is rejected, a literal; NULL */
	enum trw_status status; /* below 0: a failure that ends the reading; err is filled */
	struct trw_err *err;
};

/** The draft of the list, empty: for its next record. It keeps the room that it has. */
struct trw_draft *trw_draft_begin(struct trw_list *l, struct trw_err *err);
void trw_draft_clear(struct trw_draft *d); /* frees */

/** The record is rejected, for this reason: a literal. */
void trw_draft_refuse(struct trw_draft *d, const char *reason);
/** Refused, or failed. */
bool trw_draft_is_bad(const struct trw_draft *d);

/**
 * The digest in n hex digits as one of this kind; TRW_HASH_N: the kind that has so many digits.
 * Refuses what is none, and a second one of a kind that is another. With no digits "no digest".
 */
void trw_draft_digest(struct trw_draft *d, enum trw_hash_kind kind, const char *digits, size_t n);
/** The same where it is not to cost the record: NULL when it is in the draft, else why not. */
TRW_NODISCARD const char *trw_draft_try_digest(
	struct trw_draft *d, enum trw_hash_kind kind, const char *digits, size_t n);
/** Refuse a record that has no digest. */
void trw_draft_need_digest(struct trw_draft *d);

/**
 * Copies. Bytes that are not UTF-8 are taken as ISO 8859-1, but for the name, which keeps its
 * bytes. A value longer than entry.h allows is cut at a character, which is counted as left behind;
 * an empty one is nothing. Fails with TRW_ENOMEM, and with TRW_ELIMIT past TRW_PROPERTIES_MAX.
 */
void trw_draft_name(struct trw_draft *d, const char *name, size_t n);
/** The same; a category that says malicious or special makes the entry suspect. */
void trw_draft_category(struct trw_draft *d, const char *scheme, size_t scheme_len,
	const char *category, size_t category_len);
/**
 * The same; name is a literal, or checked by the caller. A photodna in hex, as some lists have it,
 * becomes the base64 of entry.h.
 */
void trw_draft_property(struct trw_draft *d, const char *name, const char *value, size_t n);

/**
 * Bytes of the file, in decimal digits, perhaps with ".0" behind them; nothing is nothing. What is
 * no size ("-1", "12 KB", -1 in 64 bits) is left behind and counted: digests are what a list is
 * for. Refuses a number of more than 64 bits, which is no slip but damage.
 */
void trw_draft_size(struct trw_draft *d, const char *text, size_t n);

/** The entry, once it is all there: borrowed until trw_draft_begin, which must come next. */
const struct trw_entry *trw_draft_entry(struct trw_draft *d);

/**
 * The entry to trw_list_entry; where it was refused, the record at `place`, in units of `what`, to
 * trw_list_reject. Errors: those of both, and the failure of the draft.
 */
TRW_NODISCARD enum trw_status trw_draft_give(struct trw_draft *d, const char *what, uint64_t place);
/** The same with trw_list_keyed. */
TRW_NODISCARD enum trw_status trw_draft_give_keyed(struct trw_draft *d, const char *what,
	uint64_t place, const void *key, size_t key_len, int64_t rank);
