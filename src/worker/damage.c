/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/damage.h"

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
trw_damage_decode(struct trw_cur *c, struct trw_ranges *out, struct trw_err *err)
{
	uint32_t n = trw_cur_u32(c);

	for (uint32_t i = 0; i < n && !c->bad; i++) {
		uint64_t off = trw_cur_u64(c), len = trw_cur_u64(c);
		uint8_t why = trw_cur_u8(c);
		enum trw_status st;

		if (c->bad || off > INT64_MAX || len > INT64_MAX - off ||
			(why != TRW_DAMAGE_SUBSTITUTED && why != TRW_DAMAGE_MISSING))
			return trw_fail(err, TRW_ECORRUPT, "a broken list of damaged ranges");
		st = trw_ranges_add(out, off, len, (enum trw_damage)why, err);
		if (st != TRW_OK)
			return st;
	}
	return c->bad ? trw_fail(err, TRW_ECORRUPT, "a list of damaged ranges ends early") : TRW_OK;
}
