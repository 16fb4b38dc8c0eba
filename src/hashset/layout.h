/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The bytes of a .tset file: trowel-tset(5). Shared by who writes it (builder) and who reads it
 * (set).
 *
 *     0     +---------------------------------+
 *           | header    places, sums, names   |
 *     4096  +---------------------------------+  a row: the columns that some row needs
 *           | rows      n_rows x row_width    |  +-----+------+---+------+---------+------+-------+
 *           +---------------------------------+  | md5 | sha1 |...| mask | profile | size | extra |
 *           | profiles  categories            |  +-----+------+---+------+---------+------+-------+
 *           | meta      facts of the list     |
 *           | extras    names, properties     |  a line: one bucket of the digests of a kind
 *           +---------------------------------+  +----------------+-------+-------+-----+--------+
 *           | lines[k]  the index of a kind   |  | first position | tag 0 | tag 1 | ... | tag 14 |
 *           | order[k]  from position to row  |  +----------------+-------+-------+-----+--------+
 *           +---------------------------------+
 *
 *     Lookup: a digest of kind k -> bucket and tag -> the tags of its line that are equal
 *             -> positions -> order[k] -> rows, of which all bytes of the digest are compared.
 *
 *     header    4096 bytes
 *     rows      n_rows of row_width bytes, sorted; see below
 *     profiles  the distinct (scheme, category) pairs, sorted: u32 length, bytes of scheme; u32
 *               length, bytes of category
 *     meta      key and value, u32 length before each; keys in the order of the writer, 1 to
 *               TRW_TSET_KEY_MAX characters of ASCII without blanks and controls; no NUL in values
 *     extras    4 zero bytes, then one blob for each row that has one, in the order of rows
 *     lines[k]  the line index of kind k, 64-byte lines
 *     order[k]  u32 row of each position of kind k, for kinds other than the primary one
 *
 * All integers are little endian. Each section begins at the first multiple of 4096 behind the one
 * before; zeros between them.
 *
 * Rows. The primary kind is the one that most entries have (among equals the first of sha256, sha1,
 * md5, sha512, sha384, sha224, pdq, block-md5). Rows that have it come first, in the order of its
 * digest and then as the others, which are behind them: in the order of (kinds, digests in the
 * order of kinds, profile, size, items of the extras), the first and the two after the digests as
 * numbers. A row is the digests of all kinds in `kinds` in ascending order of kind, zeros for one
 * that it does not have; u8 mask of the kinds it has (only when rows differ in it); u16 profile
 * (only when there is more than one); u64 size, UINT64_MAX for absent (only when a row has one);
 * u64 offset in extras, 0 for none (only when a row has one). No two rows are equal in digests,
 * profile, size and properties.
 *
 * Positions. The n_by_kind[k] rows that have kind k, in the order of (digest of kind k, row). For
 * the primary kind the position is the row.
 *
 * Lines. The multiplication in place of a division is that of D. Lemire, "Fast Random Integer
 * Generation in an Interval" (2019). With top = the first 8 bytes of a digest, big endian, and L =
 * n_lines[k], bucket = top * L >> 64 and tag = the low 32 bits of (top * L >> 32), 0xFFFFFFFF taken
 * as 0xFFFFFFFE. Line i is u32 first position of bucket i, then 15 u32: the tags of the first 15
 * positions in it, 0xFFFFFFFF for unused. One more line than L ends the list: its first position is
 * n_by_kind[k]. L is n_by_kind[k] / 9, rounded up, at least 1. A line whose last tag is used may
 * have more positions than tags: up to the first position of the next line.
 *
 * Extras. u32 length of what follows; then items: u16 length, bytes of the name; u32 length, bytes
 * of the value. Sorted by name; the item "name" is the file's name.
 */
#pragma once

#include "hashset/kind.h"

#define TRW_TSET_MAGIC "\x8aTSET\r\n\x1a"
#define TRW_TSET_VERSION 1
#define TRW_TSET_HEADER 4096
#define TRW_TSET_ALIGN 4096
#define TRW_TSET_LINE 64
#define TRW_TSET_TAGS 15
#define TRW_TSET_LINE_MEAN 9
#define TRW_TSET_NO_TAG UINT32_MAX
#define TRW_TSET_NO_COLUMN UINT16_MAX
#define TRW_TSET_ROWS_MAX (UINT32_MAX - 1)
#define TRW_TSET_PROFILES_MAX 65535
#define TRW_TSET_ROW_WIDTH_MAX 512
#define TRW_TSET_FACTS_MAX 65536
#define TRW_TSET_KEY_MAX 64                  /* bytes of a fact's key */
#define TRW_TSET_META_MAX ((size_t)16 << 20) /* bytes */

/** Sections, in the order of the header's table and of the file. */
enum trw_tset_section {
	TRW_TSET_ROWS = 0,
	TRW_TSET_PROFILES,
	TRW_TSET_META,
	TRW_TSET_EXTRAS,
	TRW_TSET_LINES,                               /* + kind */
	TRW_TSET_ORDER = TRW_TSET_LINES + TRW_HASH_N, /* + kind */
	TRW_TSET_SECTIONS = TRW_TSET_ORDER + TRW_HASH_N
};

struct trw_tset_place {
	uint64_t off, len;
	uint8_t quick[16];  /* checksum of the bytes (quicksum.h): at each use */
	uint8_t sha256[32]; /* of the bytes: when installed, and for the identity */
};

/**
 * The header, decoded. In the file: each field in this order, packed, as its type; the rest zero;
 * checksum in the last 32 bytes.
 */
struct trw_tset_header {
	/* u8[8] magic, u32 version, u32 TRW_TSET_HEADER */
	uint64_t file_size, n_rows;
	uint32_t row_width, kinds, primary, class, n_profiles;
	uint16_t digest_at[TRW_HASH_N];                  /* in a row; TRW_TSET_NO_COLUMN */
	uint16_t mask_at, profile_at, size_at, extra_at; /* the same */
	uint64_t n_by_kind[TRW_HASH_N],
		n_lines[TRW_HASH_N]; /* n_lines without the ending one; 0 where kinds lacks it */
	struct trw_tset_place sections[TRW_TSET_SECTIONS]; /* off 0, len 0: not there */
	uint8_t identity[32];
	/* u8[32] checksum: SHA-256 of all bytes of the header before it */
};

/** Into TRW_TSET_HEADER bytes, checksum included. */
void trw_tset_encode(const struct trw_tset_header *h, uint8_t out[TRW_TSET_HEADER]);

/**
 * The other way, from hostile bytes; file_size as the file system has it. Everything that the
 * header says is checked against itself and file_size: magic, version, checksum, kinds, columns
 * disjoint and filling row_width, sections within the file, one behind the other, and as long as
 * the counts say. Errors: TRW_ECORRUPT (foreign, damaged, cut), TRW_EUNSUPPORTED (a later version).
 */
TRW_NODISCARD enum trw_status trw_tset_decode(const uint8_t bytes[TRW_TSET_HEADER],
	uint64_t file_size, struct trw_tset_header *out, struct trw_err *err);

/** The bucket of a digest among n_lines, and its tag there. */
static inline uint64_t
trw_tset_bucket(uint64_t top, uint64_t n_lines, uint32_t *tag)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)top * n_lines;
	uint32_t low = (uint32_t)(product >> 32);

	*tag = low == TRW_TSET_NO_TAG ? TRW_TSET_NO_TAG - 1 : low;
	return (uint64_t)(product >> 64);
}
