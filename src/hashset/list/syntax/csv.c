/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/csv.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum trw_status
trw_csv_new(char delimiter, struct trw_csv **out, struct trw_err *err)
{
	struct trw_csv *c = trw_alloc(1, sizeof(*c), err);

	if (c == NULL)
		return TRW_ENOMEM;
	c->delimiter = delimiter;
	*out = c;
	return TRW_OK;
}

void
trw_csv_free(struct trw_csv *c)
{
	if (c == NULL)
		return;
	trw_buf_clear(&c->text);
	trw_buf_clear(&c->bare);
	free(c);
}

/*
 * A field in quotes, from behind the first one: its bytes to `to`, doubled quotes once. NULL when
 * it does not end; else what follows the last quote.
 */
static const char *
unquote(const char *p, const char *end, char *to, size_t *n)
{
	*n = 0;
	while (p < end) {
		const char *quote = memchr(p, '"', (size_t)(end - p));
		if (quote == NULL)
			return NULL;
		memcpy(to + *n, p, (size_t)(quote - p));
		*n += (size_t)(quote - p);
		p = quote + 1;
		if (p == end || *p != '"')
			return p;
		to[(*n)++] = '"';
		p++;
	}
	return NULL;
}

/* Room for the fields of a line without their quotes, which are never longer than the line. */
static enum trw_status
bare_room(struct trw_csv *c, size_t n, struct trw_err *err)
{
	if (n < c->bare.cap)
		return TRW_OK;
	trw_buf_clear(&c->bare);
	c->bare.v = trw_alloc(2 * n + 256, 1, err);
	c->bare.cap = c->bare.v == NULL ? 0 : 2 * n + 256;
	return c->bare.v == NULL ? TRW_ENOMEM : TRW_OK;
}

/* One line into the fields; NULL, or why it is no record. *is_open: a quote does not end here. */
static const char *
split(struct trw_csv *c, const char *line, size_t n, bool *is_open)
{
	const char *p = line, *end = line + n;
	char *to;

	c->n = 0;
	to = (char *)c->bare.v;
	for (;;) {
		struct trw_field f = {p, 0};
		const char *stop;
		if (c->n == TRW_CSV_FIELDS_MAX)
			return "more than 4096 columns";
		if (p < end && *p == '"') {
			f.p = to;
			p = unquote(p + 1, end, to, &f.n);
			if (p == NULL) {
				*is_open = true;
				return "a quote that does not end";
			}
			to += f.n;
			stop = p;
			if (p < end && *p != c->delimiter)
				return "text behind a quoted field";
		} else {
			stop = p == end ? NULL : memchr(p, c->delimiter, (size_t)(end - p));
			stop = stop == NULL ? end : stop;
			f.n = (size_t)(stop - p);
			if (f.n > 0 && memchr(p, '\r', f.n) != NULL)
				return "a line end in a field without quotes";
		}
		c->v[c->n++] = f;
		if (stop == end)
			return NULL;
		p = stop + 1;
	}
}

/* Further lines of a record that a quote holds open. */
static const char *
lines_join(struct trw_csv *c, struct trw_list *l, const char *line, size_t n, struct trw_err *err,
	enum trw_status *st)
{
	const char *reason = NULL;
	bool is_open = true, is_cut;

	c->text.n = 0;
	for (int i = 0; is_open; i++) {
		if (i == TRW_CSV_LINES_MAX || c->text.n + n + 1 > TRW_CSV_RECORD_MAX)
			return "a quote that does not end";
		*st = trw_buf_put(&c->text, line, n, err);
		if (*st < 0)
			return NULL;
		if (i > 0) {
			is_open = false;
			*st = bare_room(c, c->text.n, err);
			if (*st < 0)
				return NULL;
			reason = split(c, (const char *)c->text.v, c->text.n, &is_open);
			if (!is_open)
				return reason;
		}
		const char *line_end = trw_input_line_end(l->input);
		*st = trw_buf_put(&c->text, line_end, strlen(line_end), err);
		if (*st == TRW_OK)
			*st = trw_input_line(l->input, &line, &n, &is_cut, err);
		if (*st == TRW_END) {
			*st = TRW_OK;
			return "a quote that does not end";
		}
		if (*st < 0 || is_cut)
			return *st < 0 ? NULL : "longer than 1 MiB";
	}
	return reason;
}

enum trw_status
trw_csv_next(struct trw_csv *c, struct trw_list *l, struct trw_err *err)
{
	const char *line, *reason;
	size_t n;
	bool is_cut, is_open;
	enum trw_status st;

	while ((st = trw_input_line(l->input, &line, &n, &is_cut, err)) == TRW_OK) {
		c->line = trw_input_line_number(l->input);
		if (n == 0) {
			trw_list_skip(l, 1);
			continue;
		}
		is_open = false;
		st = bare_room(c, n, err);
		if (st < 0)
			return st;
		reason = is_cut ? "longer than 1 MiB" : split(c, line, n, &is_open);
		if (is_open)
			reason = lines_join(c, l, line, n, err, &st);
		if (st == TRW_OK && reason == NULL)
			return TRW_OK;
		/* Every line that a stray quote has swallowed is one that is lost. */
		for (uint64_t at = c->line; st == TRW_OK && at <= trw_input_line_number(l->input);
			at++)
			st = trw_list_reject(l, "line", at, reason, err);
		if (st < 0)
			return st;
	}
	return st;
}

enum trw_status
trw_csv_read(struct trw_list *l, char delimiter, trw_csv_take header, trw_csv_take row, void *ctx,
	struct trw_err *err)
{
	struct trw_csv *c = NULL;
	enum trw_status st = trw_csv_new(delimiter, &c, err);

	if (st == TRW_OK && (st = trw_csv_next(c, l, err)) == TRW_OK) {
		trw_list_skip(l, 1);
		st = header(ctx, c, err);
	}
	while (st == TRW_OK && (st = trw_csv_next(c, l, err)) == TRW_OK)
		st = row(ctx, c, err);
	trw_csv_free(c);
	return st == TRW_END ? TRW_OK : st;
}

enum trw_status
trw_csv_reject(const struct trw_csv *c, struct trw_list *l, const char *reason, struct trw_err *err)
{
	return trw_list_reject(l, "line", c->line, reason, err);
}

size_t
trw_csv_column(const struct trw_csv *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (trw_field_is(&c->v[i], name))
			return i;
	return TRW_CSV_NONE;
}

struct trw_field
trw_csv_field(const struct trw_csv *c, size_t at)
{
	return at < c->n ? c->v[at] : (struct trw_field){"", 0};
}

char
trw_csv_sniff(const uint8_t *p, size_t n)
{
	static const char delimiters[] = {',', ';', '\t'};
	struct trw_field first = trw_text_first(p, n);
	size_t best_n = 0;
	char best = '\0';

	for (size_t i = 0; i < 3; i++) {
		size_t count = 0;
		for (size_t k = 0; k < first.n; k++)
			count += first.p[k] == delimiters[i];
		if (count > best_n) {
			best_n = count;
			best = delimiters[i];
		}
	}
	return best;
}
