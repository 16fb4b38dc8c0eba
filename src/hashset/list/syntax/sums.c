/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes, with the programs that write them:
 *
 *     "HEX"                         a digest alone
 *     "HEX  name" and "HEX *name"   GNU coreutils, with a backslash before a line whose name is escaped
 *     "HEX name"                    md5 -r of BSD
 *     "ALGO (name) = HEX"           BSD, and --tag of coreutils
 *     "ALGO(name)= HEX"             openssl dgst
 *     "      size  HEX  name"       md5deep -z
 *
 * Nothing is looked for in other text: a digest in a sentence is no entry.
 */
#include "hashset/list/syntax/sums.h"

#include <string.h>

#define MD5DEEP_SIZE 10 /* columns that a size is right-aligned in */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * How many digits a digest before position n may have: the lengths of all kinds, and where the
 * blank stands.
 */
static size_t
digits_before_blank(const char *p, size_t n)
{
	static const size_t lengths[] = {32, 40, 64, 128, 56, 96};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (n > lengths[i] + 1 && p[lengths[i]] == ' ')
			return lengths[i];
	return 0;
}

/* "HEX  name", "HEX *name" or "HEX name" from p on. */
static bool
gnu_parse(const char *p, size_t n, struct trw_sum *s)
{
	size_t digits = digits_before_blank(p, n), before;

	if (digits == 0 || !is_hex(p[0]))
		return false;
	before = digits + 1 + (p[digits + 1] == ' ' || p[digits + 1] == '*');
	if (before == digits + 1 && trw_hash_is_hex(TRW_HASH_N, p + before, n - before))
		return false; /* columns of digests: the second is no name */
	s->digits = p;
	s->n_digits = digits;
	s->name = p + before;
	s->name_len = n - before;
	return true;
}

static bool
md5deep_parse(const char *p, size_t n, struct trw_sum *s)
{
	size_t i = 0, start;

	while (i < n && p[i] == ' ')
		i++;
	start = i;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	if (i == start || i < MD5DEEP_SIZE || i + 2 > n || p[i] != ' ' || p[i + 1] != ' ')
		return false;
	s->size = p + start;
	s->size_len = i - start;
	return gnu_parse(p + i + 2, n - i - 2, s);
}

/* The last ")= " or ") = " of the line: a name may hold others. */
static const char *
tag_end(const char *p, size_t n, size_t *len)
{
	for (size_t i = n; i-- > 0;) {
		if (p[i] != ')')
			continue;
		if (n - i >= 3 && memcmp(p + i, ")= ", 3) == 0)
			*len = 3;
		else if (n - i >= 4 && memcmp(p + i, ") = ", 4) == 0)
			*len = 4;
		else
			continue;
		return p + i;
	}
	return NULL;
}

static enum trw_sum_shape
tag_parse(const char *p, size_t n, struct trw_sum *s)
{
	const char *open = memchr(p, '(', n < 24 ? n : 24), *close;
	size_t algorithm, len = 0;

	if (open == NULL || open == p)
		return TRW_SUM_NONE;
	close = tag_end(p, n, &len);
	if (close == NULL || close < open)
		return TRW_SUM_NONE;
	algorithm = (size_t)(open - p);
	if (p[algorithm - 1] == ' ')
		algorithm--;
	s->kind = trw_hash_named(p, algorithm);
	if (s->kind == TRW_HASH_N) {
		s->reason = "an algorithm that sets do not hold";
		return TRW_SUM_NONE;
	}
	s->name = open + 1;
	s->name_len = (size_t)(close - open) - 1;
	s->digits = close + len;
	s->n_digits = n - (size_t)(s->digits - p);
	return TRW_SUM_NAMED;
}

enum trw_sum_shape
trw_sum_parse(const char *line, size_t n, struct trw_sum *out)
{
	bool is_escaped = n > 1 && line[0] == '\\';
	enum trw_sum_shape shape;

	line += is_escaped;
	n -= is_escaped;
	*out = (struct trw_sum){.kind = TRW_HASH_N, .is_escaped = is_escaped};
	if (gnu_parse(line, n, out) || md5deep_parse(line, n, out))
		return TRW_SUM_NAMED;
	*out = (struct trw_sum){.kind = TRW_HASH_N, .is_escaped = is_escaped};
	while (n > 0 && is_blank(line[n - 1]))
		n--;
	while (n > 0 && is_blank(line[0])) {
		line++;
		n--;
	}
	if (n == 0 || line[0] == '#' || line[0] == ';')
		return TRW_SUM_SKIP;
	shape = tag_parse(line, n, out);
	if (shape != TRW_SUM_NONE || out->reason != NULL)
		return shape;
	if (memchr(line, ' ', n) != NULL || memchr(line, '\t', n) != NULL) {
		out->reason = "neither a digest nor the line of a checksum file";
		return TRW_SUM_NONE;
	}
	out->digits = line;
	out->n_digits = n;
	return TRW_SUM_BARE;
}
