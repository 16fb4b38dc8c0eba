/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/alloc.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)32 << 10)

struct trw_arena_block {
	struct trw_arena_block *next;
	size_t used, size; /* bytes of v */
	alignas(max_align_t) uint8_t v[];
};

void *
trw_arena_take(struct trw_arena *arena, size_t n, struct trw_err *err)
{
	size_t rounded = n > SIZE_MAX - 64 ? n : (n + 15) & ~(size_t)15;
	struct trw_arena_block *b = arena->blocks;

	if (b == NULL || rounded > b->size - b->used) {
		size_t size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;
		if (size > SIZE_MAX - sizeof(*b)) {
			(void)trw_fail(err, TRW_ENOMEM, "out of memory");
			return NULL;
		}
		b = trw_alloc(sizeof(*b) + size, 1, err);
		if (b == NULL)
			return NULL;
		b->size = size;
		b->next = arena->blocks;
		arena->blocks = b;
		arena->bytes += size;
	}
	b->used += rounded;
	return b->v + b->used - rounded;
}

void *
trw_arena_copy(struct trw_arena *arena, const void *p, size_t n, struct trw_err *err)
{
	uint8_t *copy = n == SIZE_MAX ? NULL : trw_arena_take(arena, n + 1, err);

	if (copy == NULL)
		return NULL;
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

void
trw_arena_clear(struct trw_arena *arena)
{
	while (arena->blocks != NULL) {
		struct trw_arena_block *b = arena->blocks;
		arena->blocks = b->next;
		free(b);
	}
	*arena = (struct trw_arena){0};
}
