/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/held.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>

static bool
is_earlier(const struct trw_held *h, size_t a, size_t b)
{
	return h->v[a].at < h->v[b].at;
}

static void
swap(struct trw_held *h, size_t a, size_t b)
{
	struct trw_held_piece piece = h->v[a];

	h->v[a] = h->v[b];
	h->v[b] = piece;
}

enum trw_status
trw_held_add(struct trw_held *h, uint64_t at, const uint8_t *bytes, size_t len, struct trw_err *err)
{
	void *v = trw_grow(h->v, h->n, &h->cap, sizeof(*h->v), SIZE_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	h->v = v;
	uint8_t *copy = trw_memdup(bytes, len, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	size_t i = h->n++;
	h->v[i] = (struct trw_held_piece){at, len, copy};
	for (; i > 0 && is_earlier(h, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(h, i, (i - 1) / 2);
	return TRW_OK;
}

struct trw_held_piece
trw_held_pop(struct trw_held *h)
{
	assert(h->n > 0);
	struct trw_held_piece first = h->v[0];
	size_t i = 0;

	h->v[0] = h->v[--h->n];
	for (;;) {
		size_t least = i, left = 2 * i + 1;
		if (left < h->n && is_earlier(h, left, least))
			least = left;
		if (left + 1 < h->n && is_earlier(h, left + 1, least))
			least = left + 1;
		if (least == i)
			return first;
		swap(h, i, least);
		i = least;
	}
}

void
trw_held_clear(struct trw_held *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].bytes);
	free(h->v);
	*h = (struct trw_held){0};
}
