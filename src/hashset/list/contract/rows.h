/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The entries of a set one after the other: in the order of its rows, or in the order of the
 * digests of one kind.
 */
#pragma once

#include "hashset/set.h"

struct trw_rows {
	const struct trw_set *set; /* borrowed */
	enum trw_hash_kind kind;
	uint64_t next, n; /* of positions */
};

/** kind: only the entries that have it, sorted by it; TRW_HASH_N: all, in the order of rows. */
void trw_rows_start(struct trw_rows *rows, const struct trw_set *set, enum trw_hash_kind kind);

/** The next row. TRW_END behind the last. Errors: TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_rows_next(
	struct trw_rows *rows, uint32_t *row, struct trw_err *err);

/** entry is borrowed until it returns. */
typedef enum trw_status (*trw_rows_take)(
	void *ctx, const struct trw_entry *entry, struct trw_err *err);

/** Every entry to take. Errors: those of take and trw_set_entry; TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_rows_each(const struct trw_set *set, enum trw_hash_kind kind,
	trw_rows_take take, void *ctx, struct trw_err *err);
