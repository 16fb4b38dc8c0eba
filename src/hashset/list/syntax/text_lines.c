/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/text_lines.h"

#include <ctype.h>
#include <string.h>

enum trw_status
trw_text_reject(struct trw_list *l, const char *reason, struct trw_err *err)
{
	return trw_list_reject(l, "line", trw_input_line_number(l->input), reason, err);
}

enum trw_status
trw_text_give(struct trw_list *l)
{
	return trw_draft_give(l->draft, "line", trw_input_line_number(l->input));
}

enum trw_status
trw_text_lines(struct trw_list *l, char comment, trw_text_line take, void *ctx, struct trw_err *err)
{
	const char *line;
	size_t n;
	bool is_cut;
	enum trw_status st;

	while ((st = trw_input_line(l->input, &line, &n, &is_cut, err)) == TRW_OK) {
		if (is_cut)
			st = trw_text_reject(l, "longer than 1 MiB", err);
		else if (n == 0 || (comment != '\0' && line[0] == comment))
			trw_list_skip(l, 1);
		else if (memchr(line, '\r', n) != NULL)
			st = trw_text_reject(l, "a line end inside the line", err);
		else
			st = take(ctx, line, n, err);
		if (st < 0)
			return st;
	}
	return st == TRW_END ? TRW_OK : st;
}

size_t
trw_text_split(const char *line, size_t n, char at, struct trw_field *out, size_t max)
{
	size_t count = 0;

	while (count < max) {
		const char *end = count + 1 < max && n > 0 ? memchr(line, at, n) : NULL;
		size_t len = end == NULL ? n : (size_t)(end - line);
		out[count++] = (struct trw_field){line, len};
		if (end == NULL)
			break;
		line += len + 1;
		n -= len + 1;
	}
	return count;
}

bool
trw_field_is(const struct trw_field *f, const char *text)
{
	size_t i = 0, at = 0;

	for (;;) {
		while (i < f->n && !isalnum((unsigned char)f->p[i]))
			i++;
		while (text[at] != '\0' && !isalnum((unsigned char)text[at]))
			at++;
		if (i == f->n || text[at] == '\0')
			return i == f->n && text[at] == '\0';
		if (tolower((unsigned char)f->p[i]) != tolower((unsigned char)text[at]))
			return false;
		i++;
		at++;
	}
}

struct trw_field
trw_text_first(const uint8_t *p, size_t n)
{
	size_t len = 0;

	while (len < n && p[len] != '\n' && p[len] != '\r')
		len++;
	return (struct trw_field){(const char *)p, len};
}

struct trw_field
trw_text_first_record(const uint8_t *p, size_t n, char comment)
{
	struct trw_field line = trw_text_first(p, n);

	while (n > 0 && (line.n == 0 || line.p[0] == comment)) {
		size_t passed = line.n < n ? line.n + 1 : n;
		p += passed;
		n -= passed;
		line = trw_text_first(p, n);
	}
	return line;
}
