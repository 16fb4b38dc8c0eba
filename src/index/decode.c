/* SPDX-License-Identifier: Apache-2.0 */
#include "index/decode.h"

#include "base/bytes.h"

#include <string.h>

void
trw_decode_put(const struct trw_decode *d, uint8_t out[TRW_DECODE_SIZE])
{
	trw_put_le64(out, d->where.space.off);
	trw_put_le64(out + 8, d->where.space.len);
	trw_put_le64(out + 16, d->where.space.pool_block);
	trw_put_le32(out + 24, d->where.type);
	trw_put_le64(out + 28, d->inode);
	trw_put_le32(out + 36, d->attr_type);
	trw_put_le32(out + 40, d->attr_id);
}

enum trw_status
trw_decode_get(struct trw_decode *d, const void *p, size_t n, struct trw_err *err)
{
	const uint8_t *in = p;

	if (n != TRW_DECODE_SIZE)
		return trw_fail(err, TRW_ECORRUPT, "%zu bytes do not say what to decode", n);
	*d = (struct trw_decode){
		.where = {trw_space_at(trw_le64(in), trw_le64(in + 8), trw_le64(in + 16)),
			trw_le32(in + 24)},
		.inode = trw_le64(in + 28),
		.attr_type = trw_le32(in + 36),
		.attr_id = trw_le32(in + 40)};
	return TRW_OK;
}

uint32_t
trw_decode_type(const char *name, bool is_forced)
{
	for (size_t i = 0; is_forced && i < TRW_FS_TYPES_N; i++)
		if (strncasecmp(name, trw_fs_types[i].name, 3) == 0 ||
			strcasestr(name, trw_fs_types[i].name) != NULL)
			return trw_fs_types[i].id;
	return 0;
}
