/* SPDX-License-Identifier: Apache-2.0 */
/** Sorting of many fixed-size elements whose keys are evenly spread, as digests are. Threads: one owner of the elements. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TRW_KEYSORT_SIZE_MAX 64

/**
 * Sort n elements of size bytes (at most TRW_KEYSORT_SIZE_MAX) in place, by memcmp of their first `key` bytes. Not stable. Radix sort from the first byte on
 * ("American flag", McIlroy, Bostic, McIlroy 1993), by insertion where few are left; the depth of its recursion is `key` at most.
 */
void trw_keysort(uint8_t *v, size_t n, size_t size, size_t key);
