/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A compiled set (.tset): immutable, mapped into memory, exact. The bytes are in layout.h. Threads:
 * a set may be used by any number of them at once; nothing in it changes.
 */
#pragma once

#include "hashset/class.h"
#include "hashset/entry.h"

struct trw_set;

/** Everything is borrowed until the set is closed. */
struct trw_set_info {
	const char *path;
	const char *id, *name, *version; /* of the list; "" = not said */
	enum trw_set_class class;
	uint64_t n_entries, n_by_kind[TRW_HASH_N], file_size;
	uint32_t kinds;
	enum trw_hash_kind primary;
	/* distinct (scheme, category), uncategorised included when there is such an entry */
	uint32_t n_categories;
	/* 32 bytes: SHA-256 that tells list, version, class, marks and content */
	const uint8_t *identity;
	uint32_t block_size; /* of block hashes; 0 = none */
};

/**
 * Map a set and check its header; O(1), whatever the size. Errors: TRW_EIO; TRW_ECORRUPT for a file
 * that is foreign, cut or whose header is damaged; TRW_EUNSUPPORTED for a later version;
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_set_open(
	const char *path, struct trw_set **out, struct trw_err *err);
void trw_set_close(struct trw_set *set); /* NULL is fine */

const struct trw_set_info *trw_set_info(const struct trw_set *set);

/**
 * Read every section and compare its quick checksum (XXH3, about the speed of memory): before a set
 * is used for matching. A set with a flipped bit must not give a false "clean". Errors:
 * TRW_ECORRUPT, naming the section.
 */
TRW_NODISCARD enum trw_status trw_set_check(const struct trw_set *set, struct trw_err *err);

/**
 * That nobody wrote into the file since it was opened: what was read of it until now is what was
 * checked. A file that took its place by rename is fine. Errors: TRW_ECORRUPT.
 */
TRW_NODISCARD enum trw_status trw_set_confirm(const struct trw_set *set, struct trw_err *err);

/**
 * What `trowel set verify` does: SHA-256 of every section, zeros between them, identity, rows in
 * order and none twice, every row found by lookup of each of its digests, lines and orders as
 * layout.h says, extras and profiles well-formed. Errors: TRW_ECORRUPT, naming the first fault.
 */
TRW_NODISCARD enum trw_status trw_set_verify(const struct trw_set *set, struct trw_err *err);

/**
 * The n-th fact about the set ("source", "importer", "mark", ...) in the order of the file. False
 * past the last.
 */
bool trw_set_fact(const struct trw_set *set, size_t n, const char **key, size_t *key_len,
	const char **value, size_t *value_len);

/**
 * The next handling mark of the list ("tlp:amber") among its facts from number *n on, 0 at first;
 * *n is then behind it. False when there are no more.
 */
bool trw_set_mark(const struct trw_set *set, size_t *n, const char **mark, size_t *len);

/** Where a digest was found: n positions from `at`; n 0 = it is not in the set. */
struct trw_set_found {
	uint32_t at, n;
};

/**
 * Look up n digests of one kind, each trw_hash_size(kind) bytes, one behind the other. Exact: every
 * byte is compared. A kind that the set lacks is never found. Cost: one cache line a miss, two or
 * three a hit, overlapped in batches: ask for many at once.
 */
void trw_set_lookup(const struct trw_set *set, enum trw_hash_kind kind, const uint8_t *digests,
	size_t n, struct trw_set_found *out);

/**
 * The row of a position of this kind, from trw_set_lookup. Rows are 0 to n_entries - 1 and identify
 * an entry of this file.
 */
uint32_t trw_set_row(const struct trw_set *set, enum trw_hash_kind kind, uint32_t position);

/** The kinds that the row has, and one digest of it (borrowed; NULL when it lacks it). */
uint32_t trw_set_row_kinds(const struct trw_set *set, uint32_t row);
const uint8_t *trw_set_row_digest(const struct trw_set *set, uint32_t row, enum trw_hash_kind kind);
uint64_t trw_set_row_size(const struct trw_set *set, uint32_t row); /* TRW_SIZE_ABSENT */

/**
 * All of an entry. Strings are borrowed from the set; properties (without the name) go into `room`,
 * which holds TRW_PROPERTIES_MAX. Errors: TRW_ECORRUPT.
 */
TRW_NODISCARD enum trw_status trw_set_entry(const struct trw_set *set, uint32_t row,
	struct trw_entry *out, struct trw_property *room, struct trw_err *err);

/**
 * The n-th distinct category, in the order of the file; both empty for uncategorised. False past
 * the last.
 */
bool trw_set_category(const struct trw_set *set, uint32_t n, const char **scheme,
	size_t *scheme_len, const char **category, size_t *category_len);

/**
 * Tell the kernel to read all of it ahead (long before the first lookup), or only what is asked
 * for.
 */
void trw_set_will_need(const struct trw_set *set);
