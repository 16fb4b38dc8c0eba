/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     pattern     = observation *( "AND" observation )
 *     observation = "[" terms "]"
 *     terms       = factor *( op factor ), op either AND or OR throughout
 *     factor      = term / "(" term *( "OR" term ) ")"
 *     term        = "file:hashes." kind ( equals string / "IN" "(" string *( "," string ) ")" )
 *                 / "file:size" equals number
 *     equals      = "=" / "=="
 *
 * Alternatives in a factor go with sizes alone: "(A OR B) AND size" is two files of one size, "(A
 * OR B) AND C" is more than sets can say.
 *
 * One observation has the digests; any other only sizes. STIX lets the digests of one observation
 * and the size of another belong to two files, but nobody who writes this means so, and it only
 * makes what is matched less.
 */
#include "hashset/list/syntax/stix_pattern.h"

#include <string.h>

#define SIZE_DIGITS_MAX 18
#define NO_EQUALITY "not representable: no equality of a hash"
#define SIZE_AS_ALTERNATIVE "not representable: a size as an alternative"

struct parser {
	const char *p, *end;
};

static void
blanks(struct parser *x)
{
	while (x->p < x->end && (*x->p == ' ' || *x->p == '\t' || *x->p == '\n' || *x->p == '\r'))
		x->p++;
}

static bool
word(struct parser *x, const char *text)
{
	size_t n = strlen(text);

	blanks(x);
	if ((size_t)(x->end - x->p) < n || memcmp(x->p, text, n) != 0)
		return false;
	x->p += n;
	return true;
}

/* Between quotes of this kind, without an escape in it. */
static bool
quoted(struct parser *x, char quote, const char **out, size_t *n)
{
	const char *end;

	if (x->p == x->end || *x->p != quote)
		return false;
	end = memchr(x->p + 1, quote, (size_t)(x->end - x->p) - 1);
	if (end == NULL || memchr(x->p, '\\', (size_t)(end - x->p)) != NULL)
		return false;
	*out = x->p + 1;
	*n = (size_t)(end - *out);
	x->p = end + 1;
	return true;
}

/* SHA-256 in either quotes, or bare as MD5 is. */
static bool
kind_name(struct parser *x, const char **name, size_t *n)
{
	if (quoted(x, '\'', name, n) || quoted(x, '"', name, n))
		return true;
	*name = x->p;
	while (x->p < x->end && *x->p != ' ' && *x->p != '=' && *x->p != ']')
		x->p++;
	*n = (size_t)(x->p - *name);
	return *n > 0;
}

static bool
equals(struct parser *x)
{
	return word(x, "==") || word(x, "=");
}

static const char *
digits_take(struct parser *x, enum trw_hash_kind kind, struct trw_stix_pattern *out)
{
	struct trw_stix_term *term = &out->terms[out->n];

	if (out->n == TRW_STIX_TERMS_MAX)
		return "a pattern of more than 64 terms";
	blanks(x);
	if (!quoted(x, '\'', &term->digits, &term->n_digits))
		return NO_EQUALITY;
	term->kind = kind;
	out->n++;
	return NULL;
}

static const char *
hash_term(struct parser *x, struct trw_stix_pattern *out)
{
	enum trw_hash_kind kind;
	const char *name, *reason;
	size_t n;

	if (!kind_name(x, &name, &n))
		return NO_EQUALITY;
	kind = trw_hash_named(name, n);
	bool is_set = word(x, "IN") && word(x, "(");
	if (!is_set && !equals(x))
		return NO_EQUALITY;
	if (kind >= TRW_HASH_PDQ)
		return "not representable: a hash of a kind that sets do not hold";
	do
		reason = digits_take(x, kind, out);
	while (reason == NULL && is_set && word(x, ","));
	return reason == NULL && is_set && !word(x, ")") ? NO_EQUALITY : reason;
}

static const char *
size_term(struct parser *x, struct trw_stix_pattern *out)
{
	const char *start;

	if (!equals(x))
		return "not representable: a size that is not just one";
	blanks(x);
	start = x->p;
	while (x->p < x->end && *x->p >= '0' && *x->p <= '9')
		x->p++;
	if (x->p == start || out->size_len > 0)
		return "not representable: a size that is not just one";
	if (x->p - start > SIZE_DIGITS_MAX)
		return "a size that no file has"; /* and nothing is equal to it */
	out->size = start;
	out->size_len = (size_t)(x->p - start);
	return NULL;
}

static const char *
term_parse(struct parser *x, struct trw_stix_pattern *out)
{
	if (word(x, "file:hashes."))
		return hash_term(x, out);
	if (word(x, "file:size"))
		return size_term(x, out);
	return "not representable: more than hashes and a size";
}

/* What an observation is made of. */
struct shape {
	bool has_and, has_or; /* between its factors */
	bool has_choice;      /* in one of them */
	size_t n_with_hash;   /* factors */
};

static const char *
factor_parse(struct parser *x, struct trw_stix_pattern *out, struct shape *shape)
{
	bool in_parentheses = word(x, "("), is_choice = false;
	size_t n_before = out->n, size_before = out->size_len;
	const char *reason = term_parse(x, out);

	while (reason == NULL && in_parentheses && word(x, "OR")) {
		is_choice = true;
		reason = term_parse(x, out);
	}
	if (reason == NULL && in_parentheses && !word(x, ")"))
		reason = "not representable: nested terms";
	if (reason == NULL && is_choice && out->size_len > size_before)
		reason = SIZE_AS_ALTERNATIVE;
	shape->has_choice = shape->has_choice || out->n > n_before + 1;
	shape->n_with_hash += out->n > n_before;
	return reason;
}

/* Why a shape is not taken, or NULL. */
static const char *
shape_check(const struct shape *shape, bool has_size)
{
	if (shape->has_and && (shape->has_or || (shape->has_choice && shape->n_with_hash > 1)))
		return "not representable: AND and OR together";
	return shape->has_or && has_size ? SIZE_AS_ALTERNATIVE : NULL;
}

static const char *
observation_parse(struct parser *x, struct trw_stix_pattern *out)
{
	size_t n_before = out->n, size_before = out->size_len;
	struct shape shape = {0};
	const char *reason;

	if (!word(x, "["))
		return "not a pattern";
	for (;;) {
		reason = factor_parse(x, out, &shape);
		if (reason != NULL)
			return reason;
		if (word(x, "AND"))
			shape.has_and = true;
		else if (word(x, "OR"))
			shape.has_or = true;
		else
			break;
	}
	if (!word(x, "]"))
		return "not representable: more than equalities";
	reason = shape_check(&shape, out->size_len > size_before);
	if (reason == NULL && n_before > 0 && out->n > n_before)
		reason = "not representable: hashes in several observations";
	out->is_or = out->is_or || shape.has_or || shape.has_choice;
	return reason;
}

const char *
trw_stix_pattern_parse(const char *p, size_t n, struct trw_stix_pattern *out)
{
	struct parser x = {p, p + n};
	const char *reason;

	out->n = out->size_len = 0;
	out->is_or = false;
	out->size = NULL;
	do
		reason = observation_parse(&x, out);
	while (reason == NULL && word(&x, "AND"));
	blanks(&x);
	if (reason == NULL && x.p != x.end)
		reason = "not representable: more than one observation";
	if (reason == NULL && out->n == 0)
		reason = "not representable: no hash";
	return reason;
}
