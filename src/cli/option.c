/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const struct trw_option *table;
	size_t n;
	int argc, next; /* next: index in argv */
	char **argv;
	void *values;
	uint64_t seen; /* bit i: table[i] was given */
};

void
trw_texts_clear(struct trw_texts *texts)
{
	free(texts->v);
	*texts = (struct trw_texts){0};
}

/* argc bounds how many there can be. */
static enum trw_status
texts_add(struct trw_texts *texts, const char *s, int argc, struct trw_err *err)
{
	if (texts->v == NULL)
		texts->v = trw_alloc((size_t)argc, sizeof(*texts->v), err);
	if (texts->v == NULL)
		return TRW_ENOMEM;
	texts->v[texts->n++] = s;
	return TRW_OK;
}

/* Decimal digits of s into out; *end is what follows them. */
static bool
digits_parse(const char *s, uint64_t *out, const char **end)
{
	const char *p = s;

	*out = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		if (*out > (UINT64_MAX - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	*end = p;
	return p != s;
}

bool
trw_number_parse(const char *s, uint64_t *out)
{
	const char *end;

	return digits_parse(s, out, &end) && *end == '\0';
}

static bool
size_parse(const char *s, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *end, *unit;
	unsigned shift;

	if (!digits_parse(s, out, &end))
		return false;
	if (*end == '\0')
		return true;
	unit = strchr(units, *end);
	if (unit == NULL || end[1] != '\0')
		return false;
	shift = 10 * ((unsigned)(unit - units) + 1);
	if (*out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

static enum trw_status
value_set(struct parser *p, const struct trw_option *o, const char *arg, struct trw_err *err)
{
	void *at =
		p->values != NULL ? (char *)p->values + o->at : NULL; /* none where all is help */

	switch (o->kind) {
	case TRW_OPTION_FLAG:
	case TRW_OPTION_NO_SANDBOX:
		*(bool *)at = true;
		return TRW_OK;
	case TRW_OPTION_TEXT:
	case TRW_OPTION_OUTPUT:
		*(const char **)at = arg;
		return TRW_OK;
	case TRW_OPTION_TEXTS:
	case TRW_OPTION_INPUTS:
	case TRW_OPTION_IMAGES:
		return texts_add(at, arg, p->argc, err);
	case TRW_OPTION_NUMBER:
		if (!trw_number_parse(arg, at))
			return trw_fail(
				err, TRW_EUSAGE, "--%s: '%s' is not a number", o->name, arg);
		return TRW_OK;
	case TRW_OPTION_SIZE:
		if (!size_parse(arg, at))
			return trw_fail(err, TRW_EUSAGE,
				"--%s: '%s' is not a size such as 4096, 512M or 2G", o->name, arg);
		return TRW_OK;
	case TRW_OPTION_HELP:
		return TRW_END;
	}
	return TRW_OK;
}

static bool
may_repeat(enum trw_option_kind kind)
{
	return kind == TRW_OPTION_TEXTS || kind == TRW_OPTION_INPUTS || kind == TRW_OPTION_IMAGES;
}

/* attached: the argument in the same word, or NULL. */
static enum trw_status
option_take(struct parser *p, const struct trw_option *o, const char *attached, struct trw_err *err)
{
	uint64_t bit = UINT64_C(1) << (o - p->table);

	if ((p->seen & bit) != 0 && !may_repeat(o->kind))
		return trw_fail(err, TRW_EUSAGE, "--%s is given twice", o->name);
	p->seen |= bit;
	if (o->argument == NULL)
		return attached == NULL
			       ? value_set(p, o, NULL, err)
			       : trw_fail(err, TRW_EUSAGE, "--%s takes no argument", o->name);
	if (attached == NULL) {
		if (p->next == p->argc)
			return trw_fail(err, TRW_EUSAGE, "--%s needs its argument %s", o->name,
				o->argument);
		attached = p->argv[p->next++];
	}
	return value_set(p, o, attached, err);
}

static enum trw_status
long_option(struct parser *p, const char *word, struct trw_err *err)
{
	const char *equals = strchr(word, '=');
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);

	for (size_t i = 0; i < p->n; i++) {
		const struct trw_option *o = &p->table[i];
		if (strlen(o->name) == len && memcmp(o->name, word, len) == 0)
			return option_take(p, o, equals != NULL ? equals + 1 : NULL, err);
	}
	return trw_fail(err, TRW_EUSAGE, "unknown option '--%.*s'", (int)len, word);
}

static const struct trw_option *
letter_find(const struct parser *p, char letter)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->table[i].letter == letter)
			return &p->table[i];
	return NULL;
}

static enum trw_status
short_options(struct parser *p, const char *letters, struct trw_err *err)
{
	for (const char *c = letters; *c != '\0'; c++) {
		const struct trw_option *o = letter_find(p, *c);
		enum trw_status status;

		if (o == NULL)
			return trw_fail(err, TRW_EUSAGE, "unknown option '-%c'", *c);
		if (o->argument != NULL)
			return option_take(p, o, c[1] != '\0' ? c + 1 : NULL, err);
		status = option_take(p, o, NULL, err);
		if (status != TRW_OK)
			return status;
	}
	return TRW_OK;
}

enum trw_status
trw_options_parse(const struct trw_option *table, size_t n, int argc, char **argv, void *values,
	struct trw_texts *operands, struct trw_err *err)
{
	struct parser p = {table, n, argc, 1, argv, values, 0};
	bool only_operands = false;

	assert(n <= 64);
	while (p.next < argc) {
		const char *word = argv[p.next++];
		enum trw_status status;

		if (only_operands || word[0] != '-' || word[1] == '\0') {
			status = texts_add(operands, word, argc, err);
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
			continue;
		} else if (word[1] == '-') {
			status = long_option(&p, word + 2, err);
		} else {
			status = short_options(&p, word + 1, err);
		}
		if (status != TRW_OK)
			return status;
	}
	return TRW_OK;
}
