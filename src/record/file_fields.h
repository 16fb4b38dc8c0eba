/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The fields of a file, each once. From this list come the members of struct trw_file (rows.h), its encoding on the
 * wire (encode.c), the columns of table file and the values that are bound to them (evidence/file.c, schema.c).
 * A new field is a line here, where a reader fills it, and a column of the view that shows it.
 *
 * F(how, type, name, max): name is that of member and column, max the largest number or the most bytes on the wire.
 *
 *     how        column
 *     number     INTEGER NOT NULL; past 2^63 - 1 it is stored as v - 2^64
 *     maybe      INTEGER; a number, TRW_NUMBER_ABSENT is NULL
 *     length     INTEGER NOT NULL; bytes
 *     time       INTEGER; ns since 1970 UTC, TRW_TIME_ABSENT is NULL
 *     text       TEXT NOT NULL as shown, and where the bytes are no UTF-8 a BLOB raw_NAME beside it
 *     optional   the same, NULL where there are no bytes
 */
#pragma once

#include "record/words.h"

#define TRW_PATH_MAX_BYTES ((size_t)32 << 10)
#define TRW_NAME_MAX_BYTES ((size_t)4 << 10)
#define TRW_TARGET_MAX_BYTES ((size_t)64 << 10)

#define TRW_FILE_FIELDS(F)                                                                         \
	F(number, enum trw_file_kind, kind, TRW_FILE_N - 1)                                        \
	F(number, enum trw_file_state, state, TRW_STATE_N - 1)                                     \
	F(number, uint32_t, flags, TRW_FLAGS_ALL)                                                  \
	F(number, enum trw_content_source, content_source, TRW_CONTENT_N - 1)                      \
	F(number, uint64_t, inode, UINT64_MAX)                                                     \
	F(number, uint64_t, sequence, UINT64_MAX) /* 0 where the file system has none */           \
	F(number, uint32_t, attr_type, UINT32_MAX)                                                 \
	F(number, uint32_t, attr_id, UINT32_MAX)                                                   \
	F(length, uint64_t, size, INT64_MAX)                                                       \
	F(time, int64_t, created_ns, 0)                                                            \
	F(time, int64_t, modified_ns, 0)                                                           \
	F(time, int64_t, accessed_ns, 0)                                                           \
	F(time, int64_t, changed_ns, 0)                                                            \
	F(number, uint32_t, mode, UINT32_MAX)                                                      \
	F(number, uint32_t, n_links, UINT32_MAX)                                                   \
	F(number, uint64_t, uid, UINT64_MAX)                                                       \
	F(number, uint64_t, gid, UINT64_MAX)                                                       \
	F(maybe, uint64_t, attr_flags, UINT64_MAX)          /* raw, as the file system has them */ \
	F(text, struct trw_bytes, path, TRW_PATH_MAX_BYTES) /* raw, as the file system has them */ \
	F(text, struct trw_bytes, name, TRW_NAME_MAX_BYTES)                                        \
	F(optional, struct trw_bytes, stream, TRW_NAME_MAX_BYTES)   /* none: the main stream */    \
	F(optional, struct trw_bytes, target, TRW_TARGET_MAX_BYTES) /* of a symlink */
