/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A suffix is what follows the last dot. EWF counts E01 .. E99, then EAA .. EZZ, FAA .. ZZZ; whether a file
 * called EXE belongs is for its content to say, names only propose. Raw sets keep one width of suffix, but
 * digits grow one when they are used up: .999 is followed by .1000.
 */
#include "image/opening/names.h"

#include "base/alloc.h"
#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A parsed suffix. Names of one set agree in stem, family and width. */
struct suffix {
	size_t stem_len; /* bytes of the path before the dot */
	char family; /* first letter of the set, upper case; '0' digits, 'a' letters of a raw set */
	size_t width; /* of a raw suffix */
	uint32_t number;
};

void
trw_name_clear(struct trw_name *name)
{
	trw_source_close(&name->src);
	free(name->path);
	*name = (struct trw_name){.src = {.fd = -1}};
}

void
trw_names_clear(struct trw_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		trw_name_clear(&names->v[i]);
	free(names->v);
	*names = (struct trw_names){0};
}

enum trw_status
trw_names_add(struct trw_names *names, const char *path, uint32_t number, bool is_given,
	struct trw_err *err)
{
	void *v =
		trw_grow(names->v, names->n, &names->cap, sizeof(*names->v), TRW_SEGMENTS_MAX, err);
	char *copy;

	if (v == NULL)
		return trw_fail_in(err, "segments of %s", path);
	names->v = v;
	copy = trw_strdup(path, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	names->v[names->n++] = (struct trw_name){
		.path = copy, .number = number, .is_given = is_given, .src = {.fd = -1}};
	return TRW_OK;
}

enum trw_status
trw_name_open(struct trw_name *name, struct trw_err *err)
{
	return name->src.fd >= 0 ? TRW_OK : trw_source_open(name->path, &name->src, err);
}

struct trw_source
trw_name_take(struct trw_name *name)
{
	struct trw_source src = name->src;

	name->src = (struct trw_source){.fd = -1};
	return src;
}

static int
by_number(const void *a, const void *b)
{
	const struct trw_name *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

void
trw_names_sort(struct trw_names *names)
{
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_number);
}

static uint32_t
digits(const char *s, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (uint32_t)(s[i] - '0');
	return v;
}

static bool
all(const char *s, size_t n, int (*is)(int))
{
	for (size_t i = 0; i < n; i++)
		if (!is((unsigned char)s[i]))
			return false;
	return n > 0;
}

/* lead is the letter that numbers above 99 start with; family the letter of the set's first file. */
static bool
ewf_number(const char *tail, char lead, char family, uint32_t *number)
{
	uint32_t a, b;

	if (all(tail, 2, isdigit)) {
		*number = digits(tail, 2);
		return lead == family && *number > 0;
	}
	if (!all(tail, 2, isalpha) || lead < family)
		return false;
	a = (uint32_t)(toupper((unsigned char)tail[0]) - 'A');
	b = (uint32_t)(toupper((unsigned char)tail[1]) - 'A');
	*number = 100 + (uint32_t)(lead - family) * 676 + a * 26 + b;
	return *number <= TRW_SEGMENTS_MAX;
}

/* family 0: take it from the suffix itself (S01 and what follows it, else E01). */
static bool
parse_ewf(const char *ext, char family, struct suffix *s)
{
	char lead = (char)toupper((unsigned char)ext[0]);

	if (strlen(ext) != 3 || !isalpha((unsigned char)lead))
		return false;
	if (family == 0)
		family = lead >= 'S' ? 'S' : 'E';
	s->family = family;
	return ewf_number(ext + 1, lead, family, &s->number);
}

static bool
parse_ewf2(const char *ext, struct suffix *s)
{
	if (strlen(ext) != 4 || toupper((unsigned char)ext[0]) != 'E')
		return false;
	s->family = 'X';
	return ewf_number(ext + 2, (char)toupper((unsigned char)ext[1]), 'X', &s->number);
}

static bool
parse_raw(const char *ext, struct suffix *s)
{
	size_t n = strlen(ext);

	s->width = n;
	if (n >= 3 && n <= 5 && all(ext, n, isdigit)) {
		s->family = '0';
		s->number = digits(ext, n);
		return true;
	}
	if (n < 2 || n > 3 || !(all(ext, n, islower) || all(ext, n, isupper)))
		return false;
	s->family = islower((unsigned char)ext[0]) ? 'a' : 'A';
	s->number = 0;
	for (size_t i = 0; i < n; i++)
		s->number = s->number * 26 + (uint32_t)(ext[i] - s->family);
	s->number++;
	return true;
}

static bool
parse(const char *path, enum trw_names_style style, char family, struct suffix *s)
{
	const char *dot = strrchr(path, '.');

	*s = (struct suffix){0};
	if (dot == NULL || strchr(dot, '/') != NULL)
		return false;
	s->stem_len = (size_t)(dot - path);
	switch (style) {
	case TRW_NAMES_ALONE:
		return false;
	case TRW_NAMES_EWF:
		return parse_ewf(dot + 1, family, s);
	case TRW_NAMES_EWF2:
		return parse_ewf2(dot + 1, s);
	case TRW_NAMES_RAW:
		return parse_raw(dot + 1, s);
	}
	return false;
}

bool
trw_names_number(const char *path, enum trw_names_style style, uint32_t *number)
{
	struct suffix s;

	if (!parse(path, style, 0, &s))
		return false;
	*number = s.number;
	return true;
}

static bool
has_number(const struct trw_names *names, uint32_t number)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].number == number)
			return true;
	return false;
}

/* Equally wide; or the wider one is a number that does not fit into the width of the other. */
static bool
is_width_of_set(const struct suffix *a, const struct suffix *b)
{
	const struct suffix *narrow = a->width < b->width ? a : b, *wide = narrow == a ? b : a;
	uint32_t first = 1;

	if (a->width == b->width)
		return true;
	for (size_t i = 0; i < narrow->width; i++)
		first *= 10;
	for (size_t i = narrow->width + 1; i < wide->width; i++)
		first *= 10;
	return a->family == '0' && wide->number >= first;
}

/* Add dir/name when it is a sibling of path, whose suffix is own. */
static enum trw_status
consider(struct trw_names *out, const char *path, const struct suffix *own,
	enum trw_names_style style, const char *name, struct trw_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t dir_len = slash == NULL ? 0 : (size_t)(slash + 1 - path);
	struct suffix s;
	enum trw_status st;
	char *full;

	if (!parse(name, style, own->family, &s) || s.family != own->family ||
		!is_width_of_set(&s, own) || s.stem_len != own->stem_len - dir_len ||
		memcmp(name, path + dir_len, s.stem_len) != 0 || s.number == own->number ||
		has_number(out, s.number))
		return TRW_OK;
	full = trw_format(err, "%.*s%s", (int)dir_len, path, name);
	if (full == NULL)
		return TRW_ENOMEM;
	st = trw_names_add(out, full, s.number, false, err);
	free(full);
	return st;
}

/* NULL where it cannot be listed. */
static enum trw_status
open_folder(const char *path, DIR **out, struct trw_err *err)
{
	char *folder = trw_folder_of(path, err);

	if (folder == NULL)
		return TRW_ENOMEM;
	*out = opendir(folder);
	free(folder);
	return TRW_OK;
}

enum trw_status
trw_names_find(
	const char *path, enum trw_names_style style, struct trw_names *out, struct trw_err *err)
{
	struct suffix own;
	enum trw_status st;
	const struct dirent *e;
	DIR *dir = NULL;
	bool is_numbered;

	*out = (struct trw_names){0};
	is_numbered = parse(path, style, 0, &own);
	st = trw_names_add(out, path, is_numbered ? own.number : 0, true, err);
	if (st == TRW_OK && is_numbered)
		st = open_folder(path, &dir, err);
	while (st == TRW_OK && dir != NULL && (e = readdir(dir)) != NULL)
		st = consider(out, path, &own, style, e->d_name, err);
	if (dir != NULL)
		(void)closedir(dir);
	if (st != TRW_OK)
		trw_names_clear(out);
	trw_names_sort(out);
	return st;
}

void
trw_names_ewf(const char *path, uint32_t number, char *out, size_t cap)
{
	struct suffix s;
	unsigned n = number - 100;
	char ext[8];

	if (!parse(path, TRW_NAMES_EWF, 0, &s) || number == 0 ||
		(number > 99 && n / 676 > (unsigned)('Z' - s.family))) {
		(void)snprintf(out, cap, "%s: segment %" PRIu32, path, number);
		return;
	}
	if (number <= 99)
		(void)snprintf(ext, sizeof(ext), "%c%02u", s.family, (unsigned)number % 100);
	else
		(void)snprintf(ext, sizeof(ext), "%c%c%c", (char)(s.family + (char)(n / 676)),
			(char)('A' + (char)(n / 26 % 26)), (char)('A' + (char)(n % 26)));
	for (char *c = ext; islower((unsigned char)path[s.stem_len + 1]) && *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	(void)snprintf(out, cap, "%.*s.%s", (int)s.stem_len, path, ext);
}
