/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "csv": any separated values with a header that names a digest (IPED's generic lists, and
 * what `trowel set export -f csv` writes), or, with a map by the user, without one. All columns but
 * those of the entry itself become properties.
 */
#include "base/alloc.h"
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MIN 16 /* that no name of a column begins with */

enum role {
	ROLE_NONE = 0,
	ROLE_DIGEST,
	ROLE_SIZE,
	ROLE_NAME,
	ROLE_CATEGORY,
	ROLE_SCHEME,
	ROLE_SPECIAL, /* NSRL's SpecialCode */
	ROLE_PROPERTY
};

struct column {
	enum role role;
	enum trw_hash_kind kind;                  /* of ROLE_DIGEST */
	char property[TRW_PROPERTY_NAME_MAX + 1]; /* of ROLE_PROPERTY */
};

struct reader {
	struct trw_list *list;
	struct trw_csv *csv;    /* owned */
	struct column *columns; /* owned; TRW_CSV_FIELDS_MAX */
	size_t n;
	const char *scheme; /* where no column says it; by length */
	size_t scheme_len;
};

static const struct {
	const char *name;
	enum role role;
} roles[] = {{"size", ROLE_SIZE}, {"filesize", ROLE_SIZE}, {"name", ROLE_NAME},
	{"filename", ROLE_NAME}, {"category", ROLE_CATEGORY}, {"scheme", ROLE_SCHEME}};

/* What a column of this name holds; ROLE_NONE when the name says nothing. */
static struct column
role_of(const struct trw_field *name)
{
	struct column c = {.role = ROLE_DIGEST, .kind = trw_hash_named(name->p, name->n)};

	if (c.kind != TRW_HASH_N)
		return c;
	c.role = ROLE_NONE;
	for (size_t i = 0; c.role == ROLE_NONE && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (trw_field_is(name, roles[i].name))
			c.role = roles[i].role;
	return c;
}

bool
trw_csv_is_reserved(const char *name, size_t n)
{
	const struct trw_field f = {name, n};

	return role_of(&f).role != ROLE_NONE;
}

/*
 * Lower case, with '_' for what is neither a letter nor a digit. False for a name of nothing else.
 */
static bool
property_name(const struct trw_field *name, char out[TRW_PROPERTY_NAME_MAX + 1])
{
	size_t n = 0;
	bool has_letter = false;

	for (size_t i = 0; i < name->n && n < TRW_PROPERTY_NAME_MAX; i++) {
		unsigned char c = (unsigned char)name->p[i];
		has_letter = has_letter || isalnum(c);
		out[n++] = isalnum(c) ? (char)tolower(c) : '_';
	}
	out[n] = '\0';
	return has_letter;
}

/* ---- the header ---- */

static enum trw_status
header_take(struct reader *r, struct trw_err *err)
{
	bool has_digest = false;

	r->n = r->csv->n;
	for (size_t i = 0; i < r->n; i++) {
		const struct trw_field *name = &r->csv->v[i];
		r->columns[i] = role_of(name);
		has_digest = has_digest || r->columns[i].role == ROLE_DIGEST;
		if (r->columns[i].role != ROLE_NONE)
			continue;
		if (trw_field_is(name, "SpecialCode"))
			r->columns[i].role = ROLE_SPECIAL;
		else if (property_name(name, r->columns[i].property))
			r->columns[i].role = ROLE_PROPERTY;
	}
	trw_list_skip(r->list, 1);
	return has_digest
		       ? TRW_OK
		       : trw_fail(err, TRW_EUSAGE,
				 "no column of its first line is named after a digest: say with --map which they are");
}

/* ---- the user's map: "md5=3,category=Category,scheme=UK" ---- */

struct map_item {
	struct trw_field key, value;
};

/* The next item of the text; false at its end. */
static bool
map_next(const char **at, struct map_item *out)
{
	const char *p = *at, *equals = strchr(p, '='), *end;

	if (*p == '\0' || equals == NULL)
		return false;
	end = equals + 1;
	if (*end != '\0') /* the delimiter itself may be a comma */
		end++;
	while (*end != '\0' && *end != ',')
		end++;
	out->key = (struct trw_field){p, (size_t)(equals - p)};
	out->value = (struct trw_field){equals + 1, (size_t)(end - equals) - 1};
	*at = *end == ',' ? end + 1 : end;
	return true;
}

/*
 * A number from 1, else the name of a column of the header; TRW_CSV_NONE. *by_name: the header is
 * needed.
 */
static size_t
map_column(const struct reader *r, const struct trw_field *value, bool *by_name)
{
	size_t number = 0;

	for (size_t i = 0; i < value->n; i++) {
		if (!isdigit((unsigned char)value->p[i]) || number > TRW_CSV_FIELDS_MAX) {
			*by_name = true;
			for (size_t k = 0; k < r->csv->n; k++)
				if (r->csv->v[k].n == value->n &&
					memcmp(r->csv->v[k].p, value->p, value->n) == 0)
					return k;
			return TRW_CSV_NONE;
		}
		number = number * 10 + (size_t)(value->p[i] - '0');
	}
	return number == 0 || number > TRW_CSV_FIELDS_MAX ? TRW_CSV_NONE : number - 1;
}

static enum trw_status
map_item_take(struct reader *r, const struct map_item *item, bool *by_name, struct trw_err *err)
{
	struct column c = role_of(&item->key);
	bool is_named = false;
	size_t at;

	if (trw_field_is(&item->key, "delimiter"))
		return TRW_OK;
	if (c.role == ROLE_SCHEME && map_column(r, &item->value, &is_named) == TRW_CSV_NONE) {
		r->scheme = item->value.p;
		r->scheme_len = item->value.n;
		return TRW_OK;
	}
	if (c.role == ROLE_NONE)
		return trw_fail(err, TRW_EUSAGE,
			"--map: '%.*s' is none of md5, sha1, sha256, sha512, size, name, category, scheme, delimiter",
			(int)item->key.n, item->key.p);
	at = map_column(r, &item->value, &is_named);
	*by_name = *by_name || is_named;
	if (at == TRW_CSV_NONE)
		return trw_fail(err, TRW_EUSAGE,
			"--map: no column '%.*s': name one, or its number from 1",
			(int)item->value.n, item->value.p);
	r->columns[at] = c;
	r->n = at >= r->n ? at + 1 : r->n;
	return TRW_OK;
}

/* A digest, or one that has lost some of its digits: no name of a column. */
static bool
is_digits(const struct trw_field *f)
{
	uint8_t value[TRW_HASH_SIZE_MAX];

	return f->n >= DIGITS_MIN && trw_hash_unhex(f->p, DIGITS_MIN, value);
}

/* The first record is a header unless every digest that it has is one. */
static bool
is_header(const struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct trw_field f = trw_csv_field(r->csv, i);
		if (r->columns[i].role == ROLE_DIGEST && f.n > 0 && !is_digits(&f))
			return true;
	}
	return false;
}

/* *is_record: the first record is none of a header. */
static enum trw_status
map_take(struct reader *r, bool *is_record, struct trw_err *err)
{
	const char *at = r->list->options->map;
	struct map_item item;
	bool by_name = false, has_digest = false;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && map_next(&at, &item))
		st = map_item_take(r, &item, &by_name, err);
	for (size_t i = 0; i < r->n; i++)
		has_digest = has_digest || r->columns[i].role == ROLE_DIGEST;
	if (st == TRW_OK && (*at != '\0' || !has_digest))
		st = trw_fail(err, TRW_EUSAGE,
			"--map '%s' names no digest: write it as md5=3,sha1=4,category=5,scheme=UK",
			r->list->options->map);
	*is_record = st == TRW_OK && !by_name && !is_header(r);
	if (st == TRW_OK && !*is_record)
		trw_list_skip(r->list, 1);
	return st;
}

/* ---- records ---- */

/* Without blanks around it. */
static struct trw_field
number_field(const struct reader *r, size_t at)
{
	struct trw_field f = trw_csv_field(r->csv, at);

	while (f.n > 0 && (f.p[0] == ' ' || f.p[f.n - 1] == ' ')) {
		f.p += f.p[0] == ' ';
		f.n--;
	}
	return f;
}

static void
digests_take(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct trw_field f = number_field(r, i);
		if (r->columns[i].role == ROLE_DIGEST && f.n > 0)
			trw_draft_digest(r->list->draft, r->columns[i].kind, f.p, f.n);
	}
	trw_draft_need_digest(r->list->draft);
}

static void
size_take(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct trw_field f = number_field(r, i);
		if (r->columns[i].role == ROLE_SIZE)
			trw_draft_size(r->list->draft, f.p, f.n);
	}
}

static void
texts_take(struct reader *r)
{
	struct trw_field scheme = {r->scheme, r->scheme_len}, category = {"", 0};
	struct trw_draft *d = r->list->draft;

	for (size_t i = 0; i < r->n; i++) {
		struct trw_field f = trw_csv_field(r->csv, i);
		if (f.n == 0)
			continue;
		if (r->columns[i].role == ROLE_NAME)
			trw_draft_name(d, f.p, f.n);
		else if (r->columns[i].role == ROLE_CATEGORY)
			category = f;
		else if (r->columns[i].role == ROLE_SCHEME)
			scheme = f;
		else if (r->columns[i].role == ROLE_SPECIAL)
			trw_draft_category(d, "NSRL", 4, f.p, f.n);
		else if (r->columns[i].role == ROLE_PROPERTY)
			trw_draft_property(d, r->columns[i].property, f.p, f.n);
	}
	trw_draft_category(d, scheme.p, scheme.n, category.p, category.n);
}

static enum trw_status
record_take(struct reader *r, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(r->list, err);

	digests_take(r);
	size_take(r);
	texts_take(r);
	if (d->status == TRW_ELIMIT)
		return trw_csv_reject(r->csv, r->list, "more than 64 properties", err);
	return trw_draft_give(d, "line", r->csv->line);
}

/* The user's delimiter, else that of the first line. */
static char
delimiter_of(const struct trw_list *l, const uint8_t *p, size_t n)
{
	const char *at = l->options->map;
	struct map_item item;
	char sniffed = trw_csv_sniff(p, n);

	while (at != NULL && map_next(&at, &item))
		if (trw_field_is(&item.key, "delimiter") && item.value.n > 0)
			return item.value.n == 3 && memcmp(item.value.p, "tab", 3) == 0
				       ? '\t'
				       : item.value.p[0];
	return sniffed == '\0' ? ',' : sniffed;
}

static enum trw_status
records_read(struct reader *r, struct trw_err *err)
{
	bool is_record = false;
	enum trw_status st = trw_csv_next(r->csv, r->list, err);

	if (st == TRW_OK)
		st = r->list->options->map != NULL ? map_take(r, &is_record, err)
						   : header_take(r, err);
	if (st == TRW_OK && is_record)
		st = record_take(r, err);
	while (st == TRW_OK && (st = trw_csv_next(r->csv, r->list, err)) == TRW_OK)
		st = record_take(r, err);
	return st == TRW_END ? TRW_OK : st;
}

static enum trw_status
csv_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l, .scheme = "CSV", .scheme_len = 3};
	const uint8_t *p = NULL;
	size_t n = 0;
	bool is_all;
	enum trw_status st = trw_input_head(l->input, &p, &n, &is_all, err);

	if (st < 0)
		return st;
	r.columns = trw_alloc(TRW_CSV_FIELDS_MAX, sizeof(*r.columns), err);
	st = r.columns == NULL ? TRW_ENOMEM : trw_csv_new(delimiter_of(l, p, n), &r.csv, err);
	if (st == TRW_OK)
		st = records_read(&r, err);
	trw_csv_free(r.csv);
	free(r.columns);
	return st;
}

static enum trw_claim
csv_probe(const struct trw_head *head)
{
	char delimiter = trw_csv_sniff(head->p, head->n);
	struct trw_field first = trw_text_first(head->p, head->n);
	struct trw_field fields[64];
	size_t n;

	if (delimiter == '\0' || memchr(head->p, '\0', head->n) != NULL)
		return TRW_CLAIM_NO;
	n = trw_text_split(first.p, first.n, delimiter, fields, 64);
	for (size_t i = 0; i < n; i++) {
		while (fields[i].n > 0 && (fields[i].p[0] == '"' || fields[i].p[0] == ' ')) {
			fields[i].p++;
			fields[i].n--;
		}
		while (fields[i].n > 0 && fields[i].p[fields[i].n - 1] == '"')
			fields[i].n--;
		if (trw_hash_named(fields[i].p, fields[i].n) != TRW_HASH_N)
			return TRW_CLAIM_SHAPE;
	}
	return TRW_CLAIM_NO;
}

const struct trw_format trw_format_csv = {
	.name = "csv",
	.summary = "separated values with a header, or with --map; IPED's generic lists",
	.probe = csv_probe,
	.read = csv_read,
	.write = trw_csv_write,
};
