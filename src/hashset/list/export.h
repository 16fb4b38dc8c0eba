/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The export as a whole: a compiled set out to a list in one of the formats that others read. The same set gives the same
 * bytes. What a format can't carry is left out and counted, never in silence. Threads: one owner.
 */
#pragma once

#include "hashset/list/contract/format.h"

struct trw_export_options {
	const char *set_path;      /* opened and checked */
	const struct trw_set *set; /* or this one, which is open; checked as well; NULL */
	const char *format;        /* see trw_format_named */
	const char *path;          /* a file, which is replaced; a folder, see below; "-" */
	int fd;                    /* for path "-": open for writing, stays open */
	enum trw_hash_kind kind;   /* as in struct trw_export: TRW_HASH_N = the primary one */
	double filter_rate;        /* the same: 0 = the default */
};

struct trw_export_result {
	uint64_t n_entries, n_written; /* of the set; of them in the output */
	uint64_t n_bytes;              /* of a file; 0 for a folder */
	bool is_folder;
	struct {
		const char *what; /* a literal: "sizes", "entries without an MD5" */
		uint64_t n;
	} left[TRW_LEFT_MAX];
	size_t n_left;
};

/**
 * Write it. Files and folders appear at the path when they are complete; a folder that exists there must be empty. Errors:
 * TRW_EUSAGE: no such format, or one that is only read; a kind that the set lacks; a path that is the set itself, a folder
 * that isn't empty, or no regular file; nothing that the format could carry. TRW_EIO, TRW_ENOMEM, TRW_ECANCEL; those of
 * trw_set_open and trw_set_check. The path is then as it was.
 */
TRW_NODISCARD enum trw_status trw_export_run(const struct trw_export_options *options,
	struct trw_export_result *out, struct trw_err *err);

/** ---- for writers ---- */

/**
 * The kind that x asks for, of those in `fits` (a set of TRW_HASH_BIT) alone. Errors: TRW_EUSAGE when the set has
 * nothing of it or the format cannot say what it is.
 */
TRW_NODISCARD enum trw_status trw_export_kind(
	const struct trw_export *x, uint32_t fits, enum trw_hash_kind *out, struct trw_err *err);

/** The kinds that are digests of whole files, by an algorithm that tools agree on: neither PDQ nor of blocks. */
#define TRW_HASH_OF_FILES                                                                          \
	(TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1) |                                \
		TRW_HASH_BIT(TRW_HASH_SHA256) | TRW_HASH_BIT(TRW_HASH_SHA512) |                    \
		TRW_HASH_BIT(TRW_HASH_SHA224) | TRW_HASH_BIT(TRW_HASH_SHA384))

/** "entries without an MD5", ...: literals for leave. */
const char *trw_export_without(enum trw_hash_kind kind);

/** True when the entry's category is of this scheme. */
bool trw_export_has_scheme(const struct trw_entry *e, const char *scheme);

/**
 * NSRL's SpecialCode of an entry, for formats whose records others take for known files: its own where that says that it is none; else "M" (malicious) of an alert
 * set and of what hashlookup calls malicious, "S" (special) of a triage set, its own or "" of a known-good set. By length, borrowed.
 */
const char *trw_export_special_code(
	const struct trw_set *set, const struct trw_entry *e, size_t *n);

/** The first property of this name, or NULL. */
const struct trw_property *trw_export_property(const struct trw_entry *e, const char *name);
