/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a read worker must be told to decode a stream, as a value that a plan carries (`extra` of struct
 * trw_plan_stream) and that the rows of the database give again. Threads: any.
 */
#pragma once

#include "record/encode.h"

struct trw_decode {
	struct trw_fs_where where;
	uint64_t inode;
	uint32_t attr_type, attr_id;
};

#define TRW_DECODE_SIZE                                                                            \
	44 /* bytes: where (off, len, pool_block, type), inode, attr_type, attr_id; little endian */
void trw_decode_put(const struct trw_decode *d, uint8_t out[TRW_DECODE_SIZE]);
/** Errors: TRW_ECORRUPT unless n is TRW_DECODE_SIZE. */
TRW_NODISCARD enum trw_status trw_decode_get(
	struct trw_decode *d, const void *p, size_t n, struct trw_err *err);

/**
 * The type to ask for in struct trw_fs_where, of a file system with this name in the database: 0 (detect), as the walk
 * asked, or that of its name when only that found it (is_forced).
 */
uint32_t trw_decode_type(const char *name, bool is_forced);
