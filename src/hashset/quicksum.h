/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The quick checksum of a section: XXH3-128 over the XXH3-128 of each of its pieces in order, all
 * in canonical form (big endian), so that threads can share the work of a check. Threads: any.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TRW_QUICKSUM_PIECE ((size_t)1 << 20) /* bytes; the last piece of a section may be shorter */
#define TRW_QUICKSUM_SIZE 16

/** Of one piece, or of the sums of all pieces of a section, one behind the other. */
void trw_quicksum(const void *p, size_t n, uint8_t out[TRW_QUICKSUM_SIZE]);
