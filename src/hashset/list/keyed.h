/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Entries that their source knows by a key, until all files are read: of each key the one with the
 * highest rank counts, among equals the last, and it may be that the key is withdrawn. A key may
 * have parts, which are keys that go on behind it with a zero byte: when it is withdrawn, so are
 * those of a lower rank. In a temporary SQLite database. Threads: one owner.
 */
#pragma once

#include "hashset/list/contract/list.h"

struct trw_keyed;

/** Errors: TRW_ENOMEM, TRW_EDB. */
TRW_NODISCARD enum trw_status trw_keyed_new(struct trw_keyed **out, struct trw_err *err);
void trw_keyed_free(struct trw_keyed *k); /* NULL is fine */

/**
 * entry NULL: withdrawn. Errors: TRW_EDB (also when the temporary folder is full), TRW_ENOMEM,
 * TRW_ELIMIT for a longer key.
 */
TRW_NODISCARD enum trw_status trw_keyed_put(struct trw_keyed *k, const void *key, size_t key_len,
	int64_t rank, const struct trw_entry *entry, struct trw_err *err);

/** take gets each entry that is left, in the order of keys. Errors: TRW_EDB, those of take. */
TRW_NODISCARD enum trw_status trw_keyed_each(struct trw_keyed *k,
	enum trw_status (*take)(void *ctx, const struct trw_entry *entry, struct trw_err *err),
	void *ctx, struct trw_err *err);
