/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/rows.h"

#include "base/cancel.h"

void
trw_rows_start(struct trw_rows *rows, const struct trw_set *set, enum trw_hash_kind kind)
{
	const struct trw_set_info *info = trw_set_info(set);

	*rows = (struct trw_rows){.set = set,
		.kind = kind,
		.n = kind == TRW_HASH_N ? info->n_entries : info->n_by_kind[kind]};
}

enum trw_status
trw_rows_next(struct trw_rows *rows, uint32_t *row, struct trw_err *err)
{
	if (rows->next == rows->n)
		return TRW_END;
	if (trw_is_cancelled())
		return trw_fail(err, TRW_ECANCEL, "interrupted");
	*row = (uint32_t)rows->next++;
	if (rows->kind != TRW_HASH_N)
		*row = trw_set_row(rows->set, rows->kind, *row);
	return TRW_OK;
}

enum trw_status
trw_rows_each(const struct trw_set *set, enum trw_hash_kind kind, trw_rows_take take, void *ctx,
	struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;
	struct trw_rows rows;
	enum trw_status status;
	uint32_t row;

	trw_rows_start(&rows, set, kind);
	while ((status = trw_rows_next(&rows, &row, err)) == TRW_OK) {
		status = trw_set_entry(set, row, &entry, room, err);
		if (status == TRW_OK)
			status = take(ctx, &entry, err);
		if (status < 0)
			return status;
	}
	return status < 0 ? status : TRW_OK;
}
