/* SPDX-License-Identifier: Apache-2.0 */
#include "record/damage.h"

#define RANGE_BYTES 17 /* of one range on the wire */

enum trw_status
trw_damage_encode(const struct trw_ranges *ranges, struct trw_buf *b, struct trw_err *err)
{
	enum trw_status st = trw_buf_u32(b, (uint32_t)ranges->n, err);

	for (size_t i = 0; i < ranges->n && st == TRW_OK; i++) {
		st = trw_buf_u64(b, ranges->v[i].off, err);
		if (st == TRW_OK)
			st = trw_buf_u64(b, ranges->v[i].len, err);
		if (st == TRW_OK)
			st = trw_buf_u8(b, (uint8_t)ranges->v[i].why, err);
	}
	return st;
}

enum trw_status
trw_damage_decode(
	struct trw_cur *c, uint64_t off, uint64_t len, struct trw_ranges *out, struct trw_err *err)
{
	uint32_t n = trw_cur_u32(c);

	if (c->bad || c->left != (size_t)n * RANGE_BYTES)
		return trw_fail(err, TRW_ECORRUPT, "a list of damage of the wrong length");
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = trw_cur_u64(c), n_bytes = trw_cur_u64(c);
		uint8_t why = trw_cur_u8(c);
		enum trw_status st;

		if (at < off || at - off > len || n_bytes > len - (at - off) ||
			(why != TRW_DAMAGE_SUBSTITUTED && why != TRW_DAMAGE_MISSING))
			return trw_fail(
				err, TRW_ECORRUPT, "a list of damage that breaks the rules");
		st = trw_ranges_add(out, at, n_bytes, (enum trw_damage)why, err);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}
