/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/kind.h"

#include "hashset/trivial_table.h"

#include <ctype.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

struct kind {
	const char *name;
	size_t size;              /* bytes */
	const uint8_t *trivial;   /* N_TRIVIAL values, sorted; NULL: only all zero and all 0xFF */
	const uint64_t *first;    /* bit i: one of them begins with these 12 bits */
	const char *spellings[5]; /* in small letters and digits alone */
};

static const struct kind kinds[TRW_HASH_N] = {
	[TRW_HASH_MD5] = {"md5", 16, &trivial_md5[0][0], trivial_first_md5,
		{"md5", "md5hash", "hashmd5"}},
	[TRW_HASH_SHA1] = {"sha1", 20, &trivial_sha1[0][0], trivial_first_sha1,
		{"sha1", "sha", "sha1hash", "hashsha1"}},
	[TRW_HASH_SHA256] = {"sha256", 32, &trivial_sha256[0][0], trivial_first_sha256,
		{"sha256", "sha2256", "sha256hash", "hashsha256"}},
	[TRW_HASH_SHA512] = {"sha512", 64, &trivial_sha512[0][0], trivial_first_sha512,
		{"sha512", "sha2512", "sha512hash", "hashsha512"}},
	[TRW_HASH_SHA224] = {"sha224", 28, &trivial_sha224[0][0], trivial_first_sha224,
		{"sha224", "sha2224"}},
	[TRW_HASH_SHA384] = {"sha384", 48, &trivial_sha384[0][0], trivial_first_sha384,
		{"sha384", "sha2384", "sha384hash", "hashsha384"}},
	[TRW_HASH_PDQ] = {"pdq", 32, NULL, NULL, {"pdq"}},
	[TRW_HASH_BLOCK_MD5] = {"block-md5", 16, &trivial_md5[0][0], trivial_first_md5,
		{"blockmd5"}},
};

size_t
trw_hash_size(enum trw_hash_kind kind)
{
	return kinds[kind].size;
}

const char *
trw_hash_name(enum trw_hash_kind kind)
{
	return kinds[kind].name;
}

/*
 * Letters in lower case and digits; '-', '_' and blanks go. False when there is anything else
 * ("SHA-512/256" is another digest), or too much.
 */
static bool
plain_name(const char *name, size_t n, char out[16])
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c == '-' || c == '_' || c == ' ')
			continue;
		if (!isalnum(c) || len == 15)
			return false;
		out[len++] = (char)tolower(c);
	}
	out[len] = '\0';
	return len > 0;
}

enum trw_hash_kind
trw_hash_named(const char *name, size_t n)
{
	char plain[16];

	if (!plain_name(name, n, plain))
		return TRW_HASH_N;
	for (int k = 0; k < TRW_HASH_N; k++)
		for (size_t i = 0; i < 5 && kinds[k].spellings[i] != NULL; i++)
			if (strcmp(plain, kinds[k].spellings[i]) == 0)
				return (enum trw_hash_kind)k;
	return TRW_HASH_N;
}

enum trw_hash_kind
trw_hash_of_digits(size_t n)
{
	switch (n) {
	case 32:
		return TRW_HASH_MD5;
	case 40:
		return TRW_HASH_SHA1;
	case 56:
		return TRW_HASH_SHA224;
	case 64:
		return TRW_HASH_SHA256;
	case 96:
		return TRW_HASH_SHA384;
	case 128:
		return TRW_HASH_SHA512;
	default:
		return TRW_HASH_N;
	}
}

/* 0 to 15, or 0x80 and more. */
static inline unsigned
nibble(unsigned char c)
{
	unsigned digit = (unsigned)c - '0', letter = ((unsigned)c | 0x20U) - 'a';

	return digit < 10 ? digit : letter < 6 ? letter + 10 : 0x80U;
}

#if defined(__x86_64__)

/*
 * The same for 16 digits side by side (SSE2, which every x86-64 has): false when one of them is
 * none.
 */
static inline bool
unhex16(const char *digits, uint8_t *out)
{
	__m128i c = _mm_loadu_si128((const void *)digits);
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	__m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
	__m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	__m128i value = _mm_or_si128(_mm_and_si128(is_digit, digit),
		_mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
	/* A lane of 16 bits has the high digit in its low byte. */
	__m128i pairs = _mm_or_si128(_mm_slli_epi16(value, 4), _mm_srli_epi16(value, 8));

	_mm_storel_epi64((void *)out,
		_mm_packus_epi16(_mm_and_si128(pairs, _mm_set1_epi16(0xFF)), _mm_setzero_si128()));
	return _mm_movemask_epi8(_mm_or_si128(is_digit, is_letter)) == 0xFFFF;
}

#else

static inline bool
unhex16(const char *digits, uint8_t *out)
{
	unsigned bad = 0;

	for (size_t i = 0; i < 8; i++) {
		unsigned high = nibble((unsigned char)digits[2 * i]);
		unsigned low = nibble((unsigned char)digits[2 * i + 1]);
		bad |= high | low;
		out[i] = (uint8_t)(high << 4 | (low & 15U));
	}
	return (bad & 0x80U) == 0;
}

#endif

bool
trw_hash_unhex(const char *digits, size_t n, uint8_t *out)
{
	size_t i = 0;
	bool good = (n & 1) == 0;

	for (; i + 16 <= n; i += 16)
		good &= unhex16(digits + i, out + i / 2);
	for (; i + 1 < n; i += 2) {
		unsigned high = nibble((unsigned char)digits[i]);
		unsigned low = nibble((unsigned char)digits[i + 1]);
		good &= ((high | low) & 0x80U) == 0;
		out[i / 2] = (uint8_t)(high << 4 | (low & 15U));
	}
	return good;
}

static bool
is_filled(const uint8_t *value, size_t size)
{
	return (value[0] == 0 || value[0] == 0xFF) && memcmp(value, value + 1, size - 1) == 0;
}

bool
trw_hash_is_hex(enum trw_hash_kind kind, const char *digits, size_t n)
{
	uint8_t value[TRW_HASH_SIZE_MAX];

	if (kind == TRW_HASH_N)
		kind = trw_hash_of_digits(n);
	return kind != TRW_HASH_N && n == 2 * trw_hash_size(kind) &&
	       trw_hash_unhex(digits, n, value);
}

bool
trw_hash_is_trivial(enum trw_hash_kind kind, const uint8_t *value)
{
	const struct kind *k = &kinds[kind];
	size_t low = 0, high = N_TRIVIAL;

	if (k->trivial == NULL)
		return is_filled(value, k->size);
	/* Twelve bits, for a branch that is not foreseen costs more than all the rest. */
	if ((k->first[value[0] >> 2] >> ((value[0] & 3) << 4 | value[1] >> 4) & 1) == 0)
		return false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = memcmp(value, k->trivial + mid * k->size, k->size);
		if (c == 0)
			return true;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}
