/* SPDX-License-Identifier: Apache-2.0 */
/** Kinds of hash values that a list can hold, and which values say nothing. Threads: any. */
#pragma once

#include "base/status.h"

/** Stored in .tset files: never renumber. */
enum trw_hash_kind {
	TRW_HASH_MD5 = 0,
	TRW_HASH_SHA1 = 1,
	TRW_HASH_SHA256 = 2,
	TRW_HASH_SHA512 = 3,
	TRW_HASH_SHA224 = 4,
	TRW_HASH_SHA384 = 5,
	TRW_HASH_PDQ = 6,       /* perceptual, of a picture: exact lookup only, never of a file */
	TRW_HASH_BLOCK_MD5 = 7, /* MD5 of a block of a file, not of a file */
	TRW_HASH_N
};

#define TRW_HASH_SIZE_MAX 64
#define TRW_HASH_BIT(kind) (UINT32_C(1) << (kind))
/** The kinds that an evidence database has of every content. */
#define TRW_HASH_OF_CONTENT                                                                        \
	(TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1) | TRW_HASH_BIT(TRW_HASH_SHA256))

/** Bytes of a value of this kind. */
size_t trw_hash_size(enum trw_hash_kind kind);

/** "md5", "sha1", "sha256", "sha512", "sha224", "sha384", "pdq", "block-md5". */
const char *trw_hash_name(enum trw_hash_kind kind);

/**
 * The kind that a column or an algorithm of this name holds ("SHA-1", "sha_256", "SHA2-512");
 * TRW_HASH_N when none.
 */
enum trw_hash_kind trw_hash_named(const char *name, size_t n);

/**
 * The kind of a digest of n hex digits: 32, 40, 56, 64, 96, 128; TRW_HASH_N for any other n. Never
 * PDQ or a block.
 */
enum trw_hash_kind trw_hash_of_digits(size_t n);

/**
 * Exactly n hex digits, in either case, to n / 2 bytes; false (out undefined) when there is
 * anything else.
 */
TRW_NODISCARD bool trw_hash_unhex(const char *digits, size_t n, uint8_t *out);

/**
 * Are these the hex digits of a value of this kind? TRW_HASH_N: of any kind that trw_hash_of_digits
 * tells.
 */
bool trw_hash_is_hex(enum trw_hash_kind kind, const char *digits, size_t n);

/**
 * Values that any disk has: of the empty file, of files that are all zero or all 0xFF (1 byte, and
 * 512 bytes to 1 MiB in powers of two), of a newline; and the value that is itself all zero or all
 * 0xFF. They never enter a set.
 */
bool trw_hash_is_trivial(enum trw_hash_kind kind, const uint8_t *value);
