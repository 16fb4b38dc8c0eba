/* SPDX-License-Identifier: Apache-2.0 */
/** Numbers that look random and are the same on every machine: xorshift64* (Vigna 2016). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static uint64_t rng = 1; /* tests set it: never 0 */

static inline uint64_t
draw(void)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return rng * 0x2545F4914F6CDD1D;
}

static inline uint64_t
below(uint64_t n)
{
	return (draw() >> 16) % n;
}

static inline bool
one_in(uint64_t n)
{
	return below(n) == 0;
}
