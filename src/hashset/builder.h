/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Makes a .tset file from entries in any order and number: sorted in memory, past the limit in runs
 * of a temporary file beside the output that are merged. The same entries and facts give the same
 * bytes, in whatever order they came. Threads: one owner; it sorts with threads of its own.
 */
#pragma once

#include "base/replace.h"
#include "hashset/entry.h"
#include "hashset/set.h"

struct trw_set_builder;

struct trw_set_builder_options {
	/* of the output; it appears at once when all is written: readers keep what they have mapped */
	struct trw_target target;
	uint64_t memory;    /* bytes to hold at most; 0 = TRW_SET_MEMORY */
	unsigned n_threads; /* 0 = one per processor */
	enum trw_set_class class;
	bool keep_names;      /* else names are dropped (and not counted) */
	bool keep_properties; /* else properties are dropped */
};
#define TRW_SET_MEMORY ((uint64_t)1 << 30)
#define TRW_SET_MEMORY_MIN ((uint64_t)16 << 20)

/** Errors: TRW_ENOMEM. Nothing is written yet. */
TRW_NODISCARD enum trw_status trw_set_builder_new(const struct trw_set_builder_options *options,
	struct trw_set_builder **out, struct trw_err *err);
/**
 * Gives up what is not finished: no file is left behind, an older one at path stays as it was. NULL
 * is fine.
 */
void trw_set_builder_free(struct trw_set_builder *b);

/**
 * One entry. Entries equal in digests, category and properties become one: an absent size gives way
 * to a known one, of two names the lesser (memcmp) stays; different sizes stay two entries. A
 * trivial digest is taken out of its entry - lists write zeros for a digest that they do not know -
 * and an entry that has no other is dropped and counted; so is a suspect one when the class is
 * known-good, and one without a digest. Errors: TRW_ENOMEM, TRW_EIO, TRW_ELIMIT (rows, categories,
 * lengths of entry.h); b is then good for nothing but free.
 */
TRW_NODISCARD enum trw_status trw_set_builder_add(
	struct trw_set_builder *b, const struct trw_entry *entry, struct trw_err *err);

/**
 * The same for n entries that are one digest of one kind and nothing else, one behind the other:
 * the quick way for plain lists and checksum files.
 */
TRW_NODISCARD enum trw_status trw_set_builder_add_digests(struct trw_set_builder *b,
	enum trw_hash_kind kind, const uint8_t *digests, size_t n, struct trw_err *err);

/**
 * Take away: an entry that was or will be added as often as it is taken away leaves no row; so rows
 * of a table that has one file many times can be added and deleted one by one. Only the digests
 * count, not size, category or name. Once it is called, trw_set_builder_add counts how often.
 */
TRW_NODISCARD enum trw_status trw_set_builder_subtract(
	struct trw_set_builder *b, const struct trw_entry *entry, struct trw_err *err);

/**
 * A fact for section meta, in the order given: "id", "name", "version" (at most one each), "mark"
 * (a handling mark; any number), "scheme-source", "block-size", "source", "importer", ... Identity
 * covers id, name, version, block-size and marks. Errors: TRW_ENOMEM, TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_set_builder_fact(struct trw_set_builder *b, const char *key,
	const char *value, size_t value_len, struct trw_err *err);

struct trw_set_built {
	uint64_t n_added, n_trivial, n_suspect,
		n_empty;     /* entries that came; of these dropped, and why */
	uint64_t n_stripped; /* entries that lost a trivial digest and kept others */
	uint64_t n_duplicates, n_subtracted;
	uint64_t n_entries; /* rows of the set */
};

/**
 * Sort, write, sync, rename. A set without entries is refused (TRW_EUSAGE): it would make
 * everything look clean. Errors also: TRW_EIO, naming the path; TRW_ELIMIT. The older file at path
 * is untouched on any error.
 */
TRW_NODISCARD enum trw_status trw_set_builder_finish(
	struct trw_set_builder *b, struct trw_set_built *out, struct trw_err *err);
