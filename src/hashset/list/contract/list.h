/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading one list file: what a format's reader gets, and where it puts what it finds. A bad record
 * does not stop an import and does not vanish: it is counted, and the first ones are kept with
 * place and reason, never with their content, for values from an alert list must not end up in a
 * log. Threads: one owner.
 */
#pragma once

#include "hashset/entry.h"
#include "hashset/list/contract/left.h"
#include "hashset/list/io/input.h"

#define TRW_REJECTS_SHOWN 10
#define TRW_KEY_MAX 1024 /* bytes of a key: trw_list_keyed */

/** What the user says about the list. */
struct trw_list_options {
	const char *map; /* "md5=3,category=5,scheme=UK" for format csv; NULL */
	bool is_strict;  /* the first rejected record ends the import */
	/* also what its source does not vouch for: MISP to_ids false, bare STIX file objects */
	bool with_unconfirmed;
	uint32_t block_size; /* bytes, of block hashes; 0 = not said */
	bool keep_names;     /* the set keeps them: else a reader need not hand them over */
	bool is_known_good;  /* what the set is to be: a reader may then pass over the rest */
};

/** Counts of one file, or of a whole import. The strings are literals. */
struct trw_list_report {
	uint64_t n_records; /* that had something to say: accepted, withdrawn or rejected */
	uint64_t n_accepted, n_rejected, n_withdrawn;
	uint64_t n_skipped; /* comments, empty lines */
	struct {
		uint64_t place; /* line, or number of the record, from 1 */
		/* "line", "record", "row", "byte"; "31 hex digits: no digest has that length" */
		const char *what, *reason;
		const char *file; /* base name; borrowed from the input, owned by the import */
	} rejects[TRW_REJECTS_SHOWN];
	struct trw_left left[TRW_LEFT_MAX];
	size_t n_left;
};

/** Where a reader's findings go. Errors of each function end the reading. */
struct trw_list_sink {
	void *ctx;
	enum trw_status (*entry)(void *ctx, const struct trw_entry *entry, struct trw_err *err);
	enum trw_status (*digests)(void *ctx, enum trw_hash_kind kind, const uint8_t *digests,
		size_t n, struct trw_err *err); /* as trw_set_builder_add_digests */
	enum trw_status (*subtract)(void *ctx, const struct trw_entry *entry, struct trw_err *err);
	enum trw_status (*keyed)(void *ctx, const void *key, size_t key_len, int64_t rank,
		const struct trw_entry *entry, struct trw_err *err);
	enum trw_status (*fact)(
		void *ctx, const char *key, const char *value, size_t n, struct trw_err *err);
};

struct trw_draft;

struct trw_list {
	struct trw_input *input; /* borrowed, as all pointers */
	/* the NSRL database that a delta belongs to: the input before it; NULL */
	struct trw_input *base;
	const struct trw_list_options *options;
	const struct trw_list_sink *sink;
	struct trw_list_report *report;
	struct trw_draft *draft; /* the entry that a reader puts together (draft.h) */
};

/** One entry; it counts as a record. Errors: those of the sink. */
TRW_NODISCARD enum trw_status trw_list_entry(
	struct trw_list *l, const struct trw_entry *entry, struct trw_err *err);

/** n records that are one digest of one kind and nothing else, one behind the other. */
TRW_NODISCARD enum trw_status trw_list_digests(struct trw_list *l, enum trw_hash_kind kind,
	const uint8_t *digests, size_t n, struct trw_err *err);

/** See trw_set_builder_subtract: for tables that hold one file many times. Counts as withdrawn. */
TRW_NODISCARD enum trw_status trw_list_subtract(
	struct trw_list *l, const struct trw_entry *entry, struct trw_err *err);

/**
 * An entry that its source knows by a key (a UUID; member and number), as whole, in any order: of
 * all that come with one key the one with the highest rank counts, among equals the last; entry
 * NULL says that it is withdrawn, and its parts with it (keyed.h). Over all files of an import.
 */
TRW_NODISCARD enum trw_status trw_list_keyed(struct trw_list *l, const void *key, size_t key_len,
	int64_t rank, const struct trw_entry *entry, struct trw_err *err);

/**
 * A record that can't be used: `place` in units of `what`. Both strings are literals, and say
 * nothing of its content. TRW_ECORRUPT with one line when the import is strict, else TRW_OK.
 */
TRW_NODISCARD enum trw_status trw_list_reject(struct trw_list *l, const char *what, uint64_t place,
	const char *reason, struct trw_err *err);

/** The same for n records from `first` on. */
TRW_NODISCARD enum trw_status trw_list_reject_all(struct trw_list *l, const char *what,
	uint64_t first, uint64_t n, const char *reason, struct trw_err *err);

void trw_list_skip(struct trw_list *l, uint64_t n); /* comments and the like */
void trw_list_leave(struct trw_list *l, const char *what,
	uint64_t n); /* left behind on purpose; what is a literal */

/**
 * Something that the file says of the list as a whole: "name", "version", "mark" ("tlp:amber"),
 * "scheme-source", ... UTF-8.
 */
TRW_NODISCARD enum trw_status trw_list_fact(
	struct trw_list *l, const char *key, const char *value, size_t n, struct trw_err *err);
