/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     pattern     = observation *( "AND" observation )
 *     observation = "[" terms "]"
 *     terms       = term *( op term ), op either AND or OR throughout
 *     term        = "file:hashes." kind "=" string / "file:size" "=" number, or either in parentheses
 *
 * One observation has the digests; any other only sizes. STIX lets the digests of one observation and the size of another
 * belong to two files, but nobody who writes this means so, and it only makes what is matched less.
 */
#include "hashset/list/stix_pattern.h"

#include <string.h>

#define SIZE_DIGITS_MAX 18

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

static const char *
hash_term(struct parser *x, struct trw_stix_pattern *out)
{
	struct trw_stix_term *term = &out->terms[out->n];
	const char *name;
	size_t n;

	if (out->n == TRW_STIX_TERMS_MAX)
		return "a pattern of more than 64 terms";
	if (!kind_name(x, &name, &n) || !word(x, "="))
		return "not representable: no equality of a hash";
	blanks(x);
	if (!quoted(x, '\'', &term->digits, &term->n_digits))
		return "not representable: no equality of a hash";
	term->kind = trw_hash_named(name, n);
	if (term->kind >= TRW_HASH_PDQ)
		return "not representable: a hash of a kind that sets do not hold";
	out->n++;
	return NULL;
}

static const char *
size_term(struct parser *x, struct trw_stix_pattern *out)
{
	const char *start;

	if (!word(x, "="))
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
	bool in_parentheses = word(x, "(");
	const char *reason = word(x, "file:hashes.") ? hash_term(x, out)
			     : word(x, "file:size")
				     ? size_term(x, out)
				     : "not representable: more than hashes and a size";

	if (reason == NULL && in_parentheses && !word(x, ")"))
		reason = "not representable: nested terms";
	return reason;
}

static const char *
observation_parse(struct parser *x, struct trw_stix_pattern *out)
{
	size_t n_before = out->n, n_terms = 0;
	bool has_and = false, has_or = false, has_size = out->size_len > 0;
	const char *reason;

	if (!word(x, "["))
		return "not a pattern";
	do {
		reason = term_parse(x, out);
		if (reason != NULL)
			return reason;
		n_terms++;
		bool is_and = word(x, "AND"), is_or = !is_and && word(x, "OR");
		has_and = has_and || is_and;
		has_or = has_or || is_or;
		if (!is_and && !is_or)
			break;
	} while (n_terms < 2 * TRW_STIX_TERMS_MAX);
	if (!word(x, "]"))
		return "not representable: more than equalities";
	if (has_and && has_or)
		return "not representable: AND and OR together";
	if (has_or && !has_size && out->size_len > 0)
		return "not representable: a size as an alternative";
	if (n_before > 0 && out->n > n_before)
		return "not representable: hashes in several observations";
	out->is_or = out->is_or || has_or;
	return NULL;
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
