/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sort/keysort.h"

#include "base/bytes.h"

#include <stdbool.h>
#include <string.h>

#define FEW 40 /* elements that insertion sorts quicker */

/* Eight bytes settle nearly all, and cost no call. */
static inline bool
is_below(const uint8_t *a, const uint8_t *b, size_t n)
{
	if (n >= 8) {
		uint64_t x = trw_be64(a), y = trw_be64(b);
		if (x != y)
			return x < y;
	}
	return memcmp(a, b, n) < 0;
}

static inline __attribute__((always_inline)) void
insertion(uint8_t *v, size_t n, size_t size, size_t key, size_t at)
{
	uint8_t held[TRW_KEYSORT_SIZE_MAX];

	for (size_t i = 1; i < n; i++) {
		size_t j = i;
		if (!is_below(v + i * size + at, v + (i - 1) * size + at, key - at))
			continue;
		memcpy(held, v + i * size, size);
		do {
			memcpy(v + j * size, v + (j - 1) * size, size);
			j--;
		} while (j > 0 && is_below(held + at, v + (j - 1) * size + at, key - at));
		memcpy(v + j * size, held, size);
	}
}

/* True at once for what came in order; anything else differs early. */
static inline __attribute__((always_inline)) bool
is_sorted(const uint8_t *v, size_t n, size_t size, size_t key)
{
	for (size_t i = 1; i < n; i++)
		if (is_below(v + i * size, v + (i - 1) * size, key))
			return false;
	return true;
}

/* Each element to the place of its byte at `at`: every swap puts one where it belongs. */
static inline __attribute__((always_inline)) void
permute(uint8_t *v, size_t size, size_t at, size_t *next, const size_t *end)
{
	uint8_t held[TRW_KEYSORT_SIZE_MAX], other[TRW_KEYSORT_SIZE_MAX];

	for (size_t b = 0; b < 256; b++) {
		while (next[b] < end[b]) {
			uint8_t *home = v + next[b] * size;
			size_t to = home[at];
			if (to == b) {
				next[b]++;
				continue;
			}
			memcpy(held, home, size);
			while (to != b) {
				uint8_t *there = v + next[to]++ * size;
				memcpy(other, there, size);
				memcpy(there, held, size);
				memcpy(held, other, size);
				to = held[at];
			}
			memcpy(home, held, size);
			next[b]++;
		}
	}
}

/* Always inlined with a constant size, so that elements move in registers. */
static inline __attribute__((always_inline)) size_t
pass(uint8_t *v, size_t n, size_t size, size_t key, size_t at, size_t *end)
{
	size_t next[256] = {0};

	for (;; at++) { /* bytes that all have in common cost one look each */
		memset(end, 0, 256 * sizeof(*end));
		for (size_t i = 0; i < n; i++)
			end[v[i * size + at]]++;
		if (end[v[at]] < n || at + 1 == key)
			break;
	}
	for (size_t b = 0, sum = 0; b < 256; b++) {
		next[b] = sum;
		sum += end[b];
		end[b] = sum;
	}
	permute(v, size, at, next, end);
	return at + 1;
}

#define SORT(name, SIZE)                                                                           \
	static void name(uint8_t *v, size_t n, size_t key, size_t at)                              \
	{                                                                                          \
		size_t end[256], first = 0;                                                        \
                                                                                                   \
		if (n <= FEW) {                                                                    \
			insertion(v, n, SIZE, key, at);                                            \
			return;                                                                    \
		}                                                                                  \
		if (is_sorted(v, n, SIZE, key))                                                    \
			return;                                                                    \
		at = pass(v, n, SIZE, key, at, end);                                               \
		for (size_t b = 0; at < key && b < 256; b++) {                                     \
			if (end[b] - first > 1)                                                    \
				name(v + first * (SIZE), end[b] - first, key, at);                 \
			first = end[b];                                                            \
		}                                                                                  \
	}

SORT(sort16, 16)
SORT(sort20, 20)
SORT(sort28, 28)
SORT(sort32, 32)
SORT(sort48, 48)
SORT(sort64, 64)

void
trw_keysort(uint8_t *v, size_t n, size_t size, size_t key)
{
	switch (size) {
	case 16:
		sort16(v, n, key, 0);
		break;
	case 20:
		sort20(v, n, key, 0);
		break;
	case 28:
		sort28(v, n, key, 0);
		break;
	case 32:
		sort32(v, n, key, 0);
		break;
	case 48:
		sort48(v, n, key, 0);
		break;
	case 64:
		sort64(v, n, key, 0);
		break;
	default: /* no digest and no reference has another size */
		__builtin_unreachable();
	}
}
