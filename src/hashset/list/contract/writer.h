/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writing one list: what a format's writer gets, and what it asks of a set and its entries.
 * Threads: one owner.
 */
#pragma once

#include "hashset/list/io/put.h"
#include "hashset/set.h"

/** What a format's `write` gets (format.h). */
struct trw_export {
	const struct trw_set *set;
	struct trw_put *out; /* open; NULL when the format is a folder */
	const char *folder;  /* to be filled when the format is a folder: exists and is empty */
	/*
	 * How many entries, or values of entries, the format could not carry; what is a literal.
	 * Said to the user at the end.
	 */
	void (*leave)(void *ctx, const char *what, uint64_t n);
	void *ctx;
	/* which digest, for formats that have one; TRW_HASH_N = the set's primary kind */
	enum trw_hash_kind kind;
	double filter_rate; /* false positives of a Bloom filter; 0 = 0.0001 */
	uint64_t n_written; /* entries that are in the output: the writer counts */
};

/**
 * The kind that x asks for, of those in `fits` (a set of TRW_HASH_BIT) alone. Errors: TRW_EUSAGE
 * when the set has nothing of it or the format cannot say what it is.
 */
TRW_NODISCARD enum trw_status trw_export_kind(
	const struct trw_export *x, uint32_t fits, enum trw_hash_kind *out, struct trw_err *err);

/**
 * The kinds that are digests of whole files, by an algorithm that tools agree on: neither PDQ nor
 * of blocks.
 */
#define TRW_HASH_OF_FILES                                                                          \
	(TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1) |                                \
		TRW_HASH_BIT(TRW_HASH_SHA256) | TRW_HASH_BIT(TRW_HASH_SHA512) |                    \
		TRW_HASH_BIT(TRW_HASH_SHA224) | TRW_HASH_BIT(TRW_HASH_SHA384))

/** "entries without an MD5", ...: literals for leave. */
const char *trw_export_without(enum trw_hash_kind kind);

/** True when the entry's category is of this scheme. */
bool trw_export_has_scheme(const struct trw_entry *e, const char *scheme);

/**
 * NSRL's SpecialCode of an entry, for formats whose records others take for known files: its own
 * where that says that it is none; else "M" (malicious) of an alert set and of what hashlookup
 * calls malicious, "S" (special) of a triage set, its own or "" of a known-good set. By length,
 * borrowed.
 */
const char *trw_export_special_code(
	const struct trw_set *set, const struct trw_entry *e, size_t *n);

/** The first property of this name, or NULL. */
const struct trw_property *trw_export_property(const struct trw_entry *e, const char *name);
