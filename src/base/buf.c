/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/alloc.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

void
trw_buf_clear(struct trw_buf *b)
{
	free(b->v);
	*b = (struct trw_buf){.max = b->max};
}

enum trw_status
trw_buf_put(struct trw_buf *b, const void *p, size_t len, struct trw_err *err)
{
	size_t max = b->max > 0 ? b->max : SIZE_MAX / 2;

	if (len > max - b->n)
		return trw_fail(err, TRW_ELIMIT, "more than %zu bytes", max);
	while (b->cap - b->n < len) {
		uint8_t *v = trw_grow(b->v, b->cap, &b->cap, 1, max, err);
		if (v == NULL)
			return err != NULL ? err->status : TRW_ENOMEM;
		b->v = v;
	}
	if (len > 0)
		memcpy(b->v + b->n, p, len);
	b->n += len;
	return TRW_OK;
}

enum trw_status
trw_buf_u8(struct trw_buf *b, uint8_t v, struct trw_err *err)
{
	return trw_buf_put(b, &v, 1, err);
}

enum trw_status
trw_buf_u32(struct trw_buf *b, uint32_t v, struct trw_err *err)
{
	uint8_t raw[4];

	trw_put_le32(raw, v);
	return trw_buf_put(b, raw, sizeof(raw), err);
}

enum trw_status
trw_buf_u64(struct trw_buf *b, uint64_t v, struct trw_err *err)
{
	uint8_t raw[8];

	trw_put_le64(raw, v);
	return trw_buf_put(b, raw, sizeof(raw), err);
}

static const uint8_t *
take(struct trw_cur *c, size_t len)
{
	const uint8_t *p = c->p;

	if (c->bad || len > c->left) {
		c->bad = true;
		return NULL;
	}
	c->p += len;
	c->left -= len;
	return p;
}

uint8_t
trw_cur_u8(struct trw_cur *c)
{
	const uint8_t *p = take(c, 1);

	return p != NULL ? *p : 0;
}

uint32_t
trw_cur_u32(struct trw_cur *c)
{
	const uint8_t *p = take(c, 4);

	return p != NULL ? trw_le32(p) : 0;
}

uint64_t
trw_cur_u64(struct trw_cur *c)
{
	const uint8_t *p = take(c, 8);

	return p != NULL ? trw_le64(p) : 0;
}

const uint8_t *
trw_cur_bytes(struct trw_cur *c, size_t max, size_t *len)
{
	uint32_t n = trw_cur_u32(c);
	const uint8_t *p;

	*len = 0;
	if (n > max)
		c->bad = true;
	p = take(c, n);
	if (p != NULL)
		*len = n;
	return p;
}
