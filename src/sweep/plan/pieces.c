/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/plan/pieces.h"

#include "base/bytes.h"

#define KEY_SIZE 32

enum trw_status
trw_pieces_new(uint64_t memory, const char *folder, struct trw_extsort **out, struct trw_err *err)
{
	const struct trw_extsort_options options = {
		.size = KEY_SIZE, .memory = memory, .n_threads = 1, .folder = folder};

	return trw_extsort_new(&options, out, err);
}

enum trw_status
trw_pieces_put(struct trw_extsort *s, const struct trw_plan_piece *piece, struct trw_err *err)
{
	uint8_t key[KEY_SIZE];

	trw_put_be64(key, piece->off);
	trw_put_be64(key + 8, piece->stream);
	trw_put_be64(key + 16, piece->at);
	trw_put_be64(key + 24, piece->len);
	return trw_extsort_put_keys(s, key, 1, err);
}

enum trw_status
trw_pieces_next(struct trw_extsort *s, struct trw_plan_piece *out, struct trw_err *err)
{
	const uint8_t *key;
	size_t n;
	enum trw_status st = trw_extsort_next(s, &key, &n, err);

	if (st == TRW_OK)
		*out = (struct trw_plan_piece){.off = trw_be64(key),
			.stream = trw_be64(key + 8),
			.at = trw_be64(key + 16),
			.len = trw_be64(key + 24)};
	return st;
}
