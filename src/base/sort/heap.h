/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A binary heap in an array: the element that comes before all others is the first. Inlined, so that a constant size and
 * comparison cost no call. Threads: one owner of the array.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TRW_HEAP_SIZE_MAX 64 /* bytes of an element */

typedef bool trw_heap_before(const void *a, const void *b);

/** Move element i of n down to its place; below it the order holds already. */
static inline __attribute__((always_inline)) void
trw_heap_down(void *v, size_t n, size_t size, size_t i, trw_heap_before *is_before)
{
	uint8_t moving[TRW_HEAP_SIZE_MAX], *p = v;

	if (i >= n)
		return;
	memcpy(moving, p + i * size, size);
	for (;;) {
		size_t child = 2 * i + 1;
		if (child + 1 < n && is_before(p + (child + 1) * size, p + child * size))
			child++;
		if (child >= n || !is_before(p + child * size, moving))
			break;
		memcpy(p + i * size, p + child * size, size);
		i = child;
	}
	memcpy(p + i * size, moving, size);
}

/** Move element i up to its place; above it the order holds already. */
static inline __attribute__((always_inline)) void
trw_heap_up(void *v, size_t size, size_t i, trw_heap_before *is_before)
{
	uint8_t moving[TRW_HEAP_SIZE_MAX], *p = v;

	memcpy(moving, p + i * size, size);
	for (; i > 0 && is_before(moving, p + (i - 1) / 2 * size); i = (i - 1) / 2)
		memcpy(p + i * size, p + (i - 1) / 2 * size, size);
	memcpy(p + i * size, moving, size);
}
