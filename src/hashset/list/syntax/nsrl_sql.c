/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/nsrl_sql.h"

#include "base/cancel.h"
#include "hashset/kind.h"

#include <string.h>
#include <strings.h>

static enum trw_status
fail(const struct trw_sql *s, const char *what, struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT, "%s: statement at line %" PRIu64 ": %s",
		trw_input_name(s->in), s->line, what);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- the text of one statement, without comments and without its semicolon ---- */

enum place { BEFORE, PLAIN, TEXT, NAME, DASH, COMMENT };

/*
 * Where the next character lies. In a text or name a doubled quote leaves and comes back: the same
 * as staying.
 */
static enum place
step(enum place place, char c, enum place *under)
{
	switch (place) {
	case BEFORE:
	case PLAIN:
		if (c == '\'')
			return TEXT;
		if (c == '"')
			return NAME;
		if (c == '-') {
			*under = place;
			return DASH;
		}
		return place == BEFORE && is_blank(c) ? BEFORE : PLAIN;
	case TEXT:
		return c == '\'' ? PLAIN : TEXT;
	case NAME:
		return c == '"' ? PLAIN : NAME;
	case DASH:
		if (c == '-')
			return COMMENT;
		*under = PLAIN;
		return step(PLAIN, c, under);
	case COMMENT:
		return c == '\n' ? *under : COMMENT;
	}
	return place;
}

static enum trw_status
keep(struct trw_sql *s, const char *p, size_t n, struct trw_err *err)
{
	if (s->text.n + n > TRW_SQL_STATEMENT_MAX)
		return fail(s, "longer than a statement of a delta is", err);
	return trw_buf_put(&s->text, p, n, err);
}

/* One character of a statement. TRW_END: it was the semicolon. */
static enum trw_status
take(struct trw_sql *s, char c, enum place *place, enum place *under, struct trw_err *err)
{
	enum place was = *place;
	enum trw_status status = TRW_OK;

	if (c == '\0')
		return fail(s, "a zero byte", err);
	if (c == ';' && (was == PLAIN || was == BEFORE))
		return TRW_END;
	if (c == ';' && was == DASH)
		return fail(s, "not a statement of a delta", err);
	*place = step(was, c, under);
	if (was == DASH && *place != COMMENT)
		status = keep(s, "-", 1, err);
	if (status == TRW_OK && *place != BEFORE && *place != DASH && *place != COMMENT)
		status = keep(s, was == COMMENT ? " " : &c, 1, err);
	return status;
}

static enum trw_status
read_statement(struct trw_sql *s, struct trw_err *err)
{
	enum place place = BEFORE, under = BEFORE;
	enum trw_status status = TRW_OK;

	s->text.n = 0;
	s->line = s->n_lines + 1;
	while (status == TRW_OK) {
		if (s->n_piece == 0) {
			if (trw_is_cancelled())
				return trw_fail(err, TRW_ECANCEL, "interrupted");
			status = trw_input_piece(s->in, &s->piece, &s->n_piece, err);
			if (status == TRW_END && (s->text.n > 0 || place == TEXT || place == DASH))
				return fail(s, "the file ends in it", err);
			if (status != TRW_OK)
				return status;
		}
		char c = (char)*s->piece;
		s->piece++;
		s->n_piece--;
		if (place == BEFORE)
			s->line = s->n_lines + 1;
		s->n_lines += c == '\n';
		status = take(s, c, &place, &under, err);
	}
	if (status != TRW_END)
		return status;
	status = trw_buf_put(&s->text, "", 1, err);
	s->at = (char *)s->text.v;
	return status;
}

/* ---- its parts ---- */

static void
pass_blanks(struct trw_sql *s)
{
	while (is_blank(*s->at))
		s->at++;
}

static bool
pass_char(struct trw_sql *s, char c)
{
	pass_blanks(s);
	if (*s->at != c)
		return false;
	s->at++;
	return true;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool
pass_quote(struct trw_sql *s)
{
	bool is_there = *s->at == '"';

	s->at += is_there;
	return is_there;
}

/* A name, bare or in double quotes (which none of ours holds). */
static bool
pass_name(struct trw_sql *s, const char **p, size_t *n)
{
	bool is_quoted = pass_char(s, '"');

	*p = s->at;
	while (is_word_char(*s->at))
		s->at++;
	*n = (size_t)(s->at - *p);
	return *n > 0 && (!is_quoted || pass_quote(s));
}

static bool
is_word(const char *p, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(p, word, n) == 0;
}

static bool
pass_word(struct trw_sql *s, const char *word)
{
	char *was = s->at;
	const char *p;
	size_t n;

	pass_blanks(s);
	if (*s->at != '"' && pass_name(s, &p, &n) && is_word(p, n, word))
		return true;
	s->at = was;
	return false;
}

/* 'it''s', appended to *to: the quotes are undone in place. */
static bool
pass_quoted(struct trw_sql *s, char **to)
{
	s->at++;
	while (*s->at != '\0') {
		if (*s->at == '\'' && *++s->at != '\'')
			return true;
		*(*to)++ = *s->at++;
	}
	return false;
}

/* X'0a0d', appended to *to. */
static bool
pass_bytes(struct trw_sql *s, char **to)
{
	uint8_t byte;

	if ((s->at[0] | 0x20) != 'x' || s->at[1] != '\'')
		return false;
	for (s->at += 2; *s->at != '\''; s->at += 2) {
		if (*s->at == '\0' || !trw_hash_unhex(s->at, 2, &byte) || byte == 0)
			return false;
		*(*to)++ = (char)byte;
	}
	s->at++;
	return true;
}

static bool
pass_join(struct trw_sql *s)
{
	pass_blanks(s);
	if (s->at[0] != '|' || s->at[1] != '|')
		return false;
	s->at += 2;
	return true;
}

/*
 * 'a'||X'0a'||'b': so sqldiff writes control characters. What comes of it is shorter, and lies
 * where it began.
 */
static bool
pass_text(struct trw_sql *s, struct trw_sql_value *out)
{
	char *start = s->at, *to = start;

	do {
		pass_blanks(s);
		if (*s->at == '\'' ? !pass_quoted(s, &to) : !pass_bytes(s, &to))
			return false;
	} while (pass_join(s));
	out->type = TRW_SQL_TEXT;
	out->p = start;
	out->n = (size_t)(to - start);
	return true;
}

static bool
pass_value(struct trw_sql *s, struct trw_sql_value *out)
{
	uint64_t v = 0;
	bool is_negative;

	*out = (struct trw_sql_value){.type = TRW_SQL_NULL};
	if (pass_word(s, "NULL"))
		return true;
	pass_blanks(s);
	if (*s->at == '\'')
		return pass_text(s, out);
	is_negative = pass_char(s, '-');
	if (*s->at < '0' || *s->at > '9')
		return false;
	for (; *s->at >= '0' && *s->at <= '9'; s->at++) {
		if (v > (INT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(*s->at - '0');
	}
	out->type = TRW_SQL_INTEGER;
	out->integer = is_negative ? -(int64_t)v : (int64_t)v;
	return !is_word_char(*s->at) && *s->at != '.';
}

static bool
pass_table(struct trw_sql *s, enum trw_sql_table *out)
{
	static const char *const names[] = {"FILE", "VERSION", "PKG", "OS", "MFG"};
	const char *p;
	size_t n;

	if (!pass_name(s, &p, &n))
		return false;
	for (size_t i = 0; i < TRW_SQL_TABLE_N; i++)
		if (is_word(p, n, names[i])) {
			*out = (enum trw_sql_table)i;
			return true;
		}
	return false;
}

/* column = value, and more of them behind "," or AND. */
static bool
pass_terms(
	struct trw_sql *s, struct trw_sql_term terms[TRW_SQL_COLUMNS_MAX], size_t *n, bool is_where)
{
	do {
		struct trw_sql_term *t = &terms[*n];
		if (*n == TRW_SQL_COLUMNS_MAX || !pass_name(s, &t->column, &t->column_len) ||
			!pass_char(s, '=') || !pass_value(s, &t->value))
			return false;
		/* "= NULL" is true of no row: whoever wrote it meant something else. */
		if (is_where && t->value.type == TRW_SQL_NULL)
			return false;
		(*n)++;
	} while (is_where ? pass_word(s, "AND") : pass_char(s, ','));
	return true;
}

static bool
pass_columns(struct trw_sql *s, struct trw_sql_statement *out)
{
	if (!pass_char(s, '('))
		return true;
	do {
		struct trw_sql_term *t = &out->sets[out->n_sets];
		if (out->n_sets == TRW_SQL_COLUMNS_MAX || !pass_name(s, &t->column, &t->column_len))
			return false;
		out->n_sets++;
	} while (pass_char(s, ','));
	return pass_char(s, ')');
}

static bool
at_end(struct trw_sql *s)
{
	pass_blanks(s);
	return *s->at == '\0';
}

static enum trw_status
parse(struct trw_sql *s, struct trw_sql_statement *out, struct trw_err *err)
{
	bool is_fine = false, has_table = true;

	if (pass_word(s, "INSERT") && pass_word(s, "INTO")) {
		out->verb = TRW_SQL_INSERT;
		has_table = pass_table(s, &out->table);
		is_fine = has_table && pass_columns(s, out) && pass_word(s, "VALUES");
	} else if (pass_word(s, "UPDATE")) {
		out->verb = TRW_SQL_UPDATE;
		has_table = pass_table(s, &out->table);
		is_fine = has_table && pass_word(s, "SET") &&
			  pass_terms(s, out->sets, &out->n_sets, false);
		if (is_fine && pass_word(s, "WHERE"))
			is_fine = pass_terms(s, out->wheres, &out->n_wheres, true);
		is_fine = is_fine && at_end(s);
	} else if (pass_word(s, "DELETE") && pass_word(s, "FROM")) {
		out->verb = TRW_SQL_DELETE;
		has_table = pass_table(s, &out->table);
		is_fine = has_table && pass_word(s, "WHERE") &&
			  pass_terms(s, out->wheres, &out->n_wheres, true) && at_end(s);
	} else if (pass_word(s, "BEGIN")) {
		(void)pass_word(s, "TRANSACTION");
		out->verb = TRW_SQL_BEGIN;
		is_fine = at_end(s);
	} else if (pass_word(s, "COMMIT") || pass_word(s, "END")) {
		(void)pass_word(s, "TRANSACTION");
		out->verb = TRW_SQL_COMMIT;
		is_fine = at_end(s);
	}
	if (!has_table)
		return fail(s, "a table other than FILE, PKG, OS, MFG and VERSION", err);
	return is_fine ? TRW_OK : fail(s, "not a statement of a delta", err);
}

enum trw_status
trw_sql_next(struct trw_sql *s, struct trw_sql_statement *out, struct trw_err *err)
{
	enum trw_status status;

	do
		status = read_statement(s, err);
	while (status == TRW_OK && at_end(s));
	if (status != TRW_OK)
		return status;
	*out = (struct trw_sql_statement){.line = s->line};
	return parse(s, out, err);
}

enum trw_status
trw_sql_row(struct trw_sql *s, struct trw_sql_value values[TRW_SQL_COLUMNS_MAX], size_t *n,
	struct trw_err *err)
{
	*n = 0;
	if (at_end(s))
		return TRW_END;
	if (!pass_char(s, '('))
		return fail(s, "not a statement of a delta", err);
	do {
		if (*n == TRW_SQL_COLUMNS_MAX || !pass_value(s, &values[*n]))
			return fail(s, "a value that is no text, integer or NULL", err);
		(*n)++;
	} while (pass_char(s, ','));
	if (!pass_char(s, ')') || !(at_end(s) || (pass_char(s, ',') && !at_end(s))))
		return fail(s, "not a statement of a delta", err);
	return TRW_OK;
}

void
trw_sql_clear(struct trw_sql *s)
{
	trw_buf_clear(&s->text);
}
