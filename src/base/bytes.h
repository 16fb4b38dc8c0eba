/* SPDX-License-Identifier: Apache-2.0 */
/** Loads and stores of fixed-width integers in little and big endian, from unaligned bytes. */
#pragma once

#include <stdint.h>

static inline uint16_t
trw_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
trw_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t
trw_le64(const uint8_t *p)
{
	return (uint64_t)trw_le32(p) | (uint64_t)trw_le32(p + 4) << 32;
}

static inline uint16_t
trw_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
trw_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint64_t
trw_be64(const uint8_t *p)
{
	return (uint64_t)trw_be32(p) << 32 | (uint64_t)trw_be32(p + 4);
}

static inline void
trw_put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void
trw_put_le64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}
