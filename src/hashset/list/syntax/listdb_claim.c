/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a database's tables, from its first bytes alone. The schema is the B-tree table at
 * page 1 (SQLite, "Database File Format", sections 1.3, 1.6 and 2.1): a leaf, or an interior page
 * whose leaves may lie anywhere. A cell is: length, rowid, then the record: length of its header,
 * types of its columns (type, name, tbl_name, rootpage, sql), their values. What a long CREATE text
 * pushes into an overflow page lies behind the name.
 */
#include "hashset/list/syntax/listdb.h"

#include "base/bytes.h"

#include <string.h>
#include <strings.h>

#define FILE_HEADER 100
#define PAGE_MIN 512
#define UTF8 1
#define PAGES_MAX 64 /* looked at */
#define WANTED_MAX 4 /* names */

enum { INTERIOR = 5, LEAF = 13 };

struct schema {
	const struct trw_head *head;
	const char *const *names;
	size_t page_size;
	bool has[WANTED_MAX];
	bool is_partial; /* some of it is not within the head, or is odd */
};

/* A varint in p[*at..n): false when it does not fit. */
static bool
varint(const uint8_t *p, size_t n, size_t *at, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 9; i++) {
		if (*at >= n)
			return false;
		uint8_t b = p[(*at)++];
		if (i == 8) {
			*out = *out << 8 | b;
			return true;
		}
		*out = *out << 7 | (b & 0x7f);
		if (b < 0x80)
			return true;
	}
	return true;
}

static void
take_name(struct schema *s, const char *name, size_t n)
{
	for (size_t i = 0; i < WANTED_MAX && s->names[i] != NULL; i++)
		if (strlen(s->names[i]) == n && strncasecmp(s->names[i], name, n) == 0)
			s->has[i] = true;
}

/* One row of the schema, at p[at..n) of its page. */
static bool
take_cell(struct schema *s, const uint8_t *p, size_t n, size_t at)
{
	uint64_t payload, rowid, header, type_type, name_type;
	size_t record;

	if (!varint(p, n, &at, &payload) || !varint(p, n, &at, &rowid))
		return false;
	record = at;
	if (!varint(p, n, &at, &header) || !varint(p, n, &at, &type_type) ||
		!varint(p, n, &at, &name_type) || header > n - record)
		return false;
	if (type_type < 13 || type_type % 2 == 0 || name_type < 13 || name_type % 2 == 0)
		return false;
	uint64_t type_len = (type_type - 13) / 2, name_len = (name_type - 13) / 2;
	at = record + (size_t)header;
	if (type_len > n - at || name_len > n - at - type_len)
		return false;
	const char *type = (const char *)p + at;
	if ((type_len == 5 && memcmp(type, "table", 5) == 0) ||
		(type_len == 4 && memcmp(type, "view", 4) == 0))
		take_name(s, type + type_len, (size_t)name_len);
	return true;
}

/*
 * A page of the schema; of an interior one its children's numbers go to out. False when it is not
 * in the head or is odd.
 */
static bool
take_page(struct schema *s, uint32_t number, uint32_t out[PAGES_MAX], unsigned *n_out)
{
	size_t n = s->page_size, from = number == 1 ? FILE_HEADER : 0;
	uint64_t off = (uint64_t)(number - 1) * n;

	if (number == 0 || off >= s->head->n || n > s->head->n - (size_t)off)
		return false;
	const uint8_t *p = s->head->p + off;
	uint8_t kind = p[from];
	size_t n_cells = trw_be16(p + from + 3), cells = from + (kind == INTERIOR ? 12 : 8);
	if ((kind != INTERIOR && kind != LEAF) || cells + 2 * n_cells > n)
		return false;
	for (size_t i = 0; i < n_cells; i++) {
		size_t at = trw_be16(p + cells + 2 * i);
		if (at + 4 > n)
			return false;
		if (kind == LEAF && !take_cell(s, p, n, at))
			return false;
		if (kind == INTERIOR && *n_out < PAGES_MAX)
			out[(*n_out)++] = trw_be32(p + at);
	}
	if (kind == INTERIOR && *n_out < PAGES_MAX)
		out[(*n_out)++] = trw_be32(p + from + 8);
	return *n_out < PAGES_MAX;
}

static void
take_schema(struct schema *s)
{
	uint32_t pages[PAGES_MAX] = {1};
	unsigned n_pages = 1;

	for (unsigned i = 0; i < n_pages; i++)
		if (!take_page(s, pages[i], pages, &n_pages))
			s->is_partial = true;
}

enum trw_claim
trw_listdb_claim(const struct trw_head *head, const char *const *names)
{
	struct schema s = {.head = head, .names = names};
	const uint8_t *p = head->p;
	bool has_all = true;

	if (head->n < PAGE_MIN || memcmp(p, "SQLite format 3", 16) != 0)
		return TRW_CLAIM_NO;
	s.page_size = trw_be16(p + 16) == 1 ? 65536 : trw_be16(p + 16);
	if (s.page_size < PAGE_MIN || trw_be32(p + 56) != UTF8)
		return TRW_CLAIM_SHAPE;
	take_schema(&s);
	for (size_t i = 0; i < WANTED_MAX && names[i] != NULL; i++)
		has_all = has_all && s.has[i];
	if (has_all)
		return TRW_CLAIM_MAGIC;
	return s.is_partial ? TRW_CLAIM_SHAPE : TRW_CLAIM_NO;
}
