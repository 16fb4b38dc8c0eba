/* SPDX-License-Identifier: Apache-2.0 */
#include "base/space.h"

struct trw_space
trw_space_at(uint64_t off, uint64_t len, uint64_t pool_block)
{
	return (struct trw_space){
		.kind = pool_block != 0 ? TRW_SPACE_POOL_VOLUME : TRW_SPACE_LINEAR,
		.off = off,
		.len = len,
		.pool_block = pool_block};
}

bool
trw_space_equal(const struct trw_space *a, const struct trw_space *b)
{
	return a->kind == b->kind && a->off == b->off && a->len == b->len &&
	       a->pool_block == b->pool_block;
}
