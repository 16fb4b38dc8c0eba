/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spool.h"

#include <assert.h>
#include <string.h>

#define TAIL_MAX ((size_t)256 << 10) /* a write; less when memory is scarce */
#define TAIL_MIN ((size_t)1 << 10)

struct trw_spool
trw_spool_begin(uint64_t memory, const char *folder)
{
	struct trw_spool s = {.temp = {.folder = folder}};
	size_t max = memory < SIZE_MAX / 4 ? (size_t)memory : SIZE_MAX / 4;

	s.tail.max = max / 8 < TAIL_MAX ? max / 8 : TAIL_MAX;
	if (s.tail.max < TAIL_MIN)
		s.tail.max = TAIL_MIN;
	/* Not 0, which stands for no limit. */
	s.head.max = max > s.tail.max ? max - s.tail.max : 1;
	return s;
}

void
trw_spool_clear(struct trw_spool *s)
{
	trw_buf_clear(&s->head);
	trw_buf_clear(&s->tail);
	trw_temp_close(&s->temp);
	s->n = 0;
}

static size_t
at_most(size_t len, uint64_t room)
{
	return room < len ? (size_t)room : len;
}

enum trw_status
trw_spool_put(struct trw_spool *s, const void *p, size_t len, struct trw_err *err)
{
	const uint8_t *from = p;
	enum trw_status status;

	while (len > 0) {
		bool in_head = s->head.n < s->head.max;
		struct trw_buf *to = in_head ? &s->head : &s->tail;
		size_t part = at_most(len, to->max - to->n);

		status = trw_buf_put(to, from, part, err);
		if (status < 0)
			return status;
		from += part;
		len -= part;
		s->n += part;
		if (in_head || to->n < to->max)
			continue;
		status = trw_temp_append(&s->temp, to->v, to->n, err);
		if (status < 0)
			return status;
		to->n = 0;
	}
	return TRW_OK;
}

enum trw_status
trw_spool_get(const struct trw_spool *s, uint64_t off, void *p, size_t len, struct trw_err *err)
{
	uint64_t tail_off = s->head.n + s->temp.n;
	uint8_t *to = p;

	assert(off <= s->n && len <= s->n - off);
	while (len > 0) {
		size_t part = len;

		if (off < s->head.n) {
			part = at_most(len, s->head.n - off);
			memcpy(to, s->head.v + off, part);
		} else if (off < tail_off) {
			enum trw_status status;

			part = at_most(len, tail_off - off);
			status = trw_temp_read(&s->temp, to, part, off - s->head.n, err);
			if (status < 0)
				return status;
		} else {
			memcpy(to, s->tail.v + (off - tail_off), part);
		}
		to += part;
		off += part;
		len -= part;
	}
	return TRW_OK;
}
