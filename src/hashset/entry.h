/* SPDX-License-Identifier: Apache-2.0 */
/** An entry: what one record of a list says of one file. */
#pragma once

#include "hashset/kind.h"

#include <string.h>

#define TRW_SIZE_ABSENT UINT64_MAX
#define TRW_PROPERTIES_MAX 64                     /* of one entry */
#define TRW_PROPERTY_NAME_MAX 64                  /* bytes */
#define TRW_PROPERTY_VALUE_MAX ((size_t)64 << 10) /* bytes */
#define TRW_CATEGORY_MAX 256                      /* bytes of a scheme or a category */
#define TRW_ENTRY_NAME_MAX ((size_t)32 << 10)     /* bytes */

/**
 * What an entry says beside digests, size, category and name. Names are lower-case words, the same
 * for all formats where they mean the same: victim_identified, offender_identified, is_distributed,
 * is_precategorized, is_suspected (values "true", "false"), precategorization_source, series, tags,
 * comments, mime, updated (ISO 8601), photodna (base64), crc32, tlsh, ssdeep, quality, product,
 * marks ("tlp:amber pap:red"), source, valid_from, valid_until. Values are UTF-8.
 */
struct trw_property {
	const char *name, *value;
	size_t name_len, value_len;
};

/**
 * How many of the n properties that begin at p have the name of the first: those of an entry of a
 * set lie side by side.
 */
static inline size_t
trw_properties_alike(const struct trw_property *p, size_t n)
{
	size_t same = 1;

	while (same < n && p[same].name_len == p->name_len &&
		memcmp(p[same].name, p->name, p->name_len) == 0)
		same++;
	return same;
}

/**
 * All digests of one file, together. Strings are borrowed, by length, and may hold any byte in
 * `name`, UTF-8 elsewhere. digest[kind] is only defined where kinds has the bit.
 */
struct trw_entry {
	uint32_t kinds; /* TRW_HASH_BIT of each digest that it has */
	uint64_t size;  /* bytes of the file; TRW_SIZE_ABSENT */
	/*
	 * The category as the list has it, never translated: "VICS-US" "1", "NSRL" "M", "NCMEC"
	 * "A1". Length 0: none.
	 */
	const char *scheme, *category;
	size_t scheme_len, category_len;
	const char *name; /* of the file, raw bytes; length 0: none */
	size_t name_len;
	const struct trw_property *properties;
	size_t n_properties;
	/* its source says malicious or special: has no place in a known-good set */
	bool is_suspect;
	uint8_t digest[TRW_HASH_N][TRW_HASH_SIZE_MAX];
};

/** All but the digests' bytes to "nothing". */
static inline void
trw_entry_reset(struct trw_entry *e)
{
	e->kinds = 0;
	e->size = TRW_SIZE_ABSENT;
	e->scheme_len = e->category_len = e->name_len = e->n_properties = 0;
	e->is_suspect = false;
}
