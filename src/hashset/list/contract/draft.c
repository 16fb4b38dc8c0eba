/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strings of a draft lie one behind the other in `text`, which moves as it grows: until the
 * entry is asked for, a string's place is kept in the pointer as an offset.
 */
#include "hashset/list/contract/draft.h"

#include "base/alloc.h"
#include "base/text.h"
#include "hashset/list/contract/category.h"

#include <stdlib.h>
#include <string.h>

#define PHOTODNA ((size_t)144)      /* bytes */
#define TEXT_MAX ((size_t)64 << 20) /* bytes of all strings of an entry */

static const char *
to_offset(size_t at)
{
	return (const char *)(uintptr_t)at;
}

static const char *
to_place(const struct trw_draft *d, const char *offset)
{
	return d->text + (uintptr_t)offset;
}

struct trw_draft *
trw_draft_begin(struct trw_list *l, struct trw_err *err)
{
	struct trw_draft *d = l->draft;

	d->list = l;
	d->reason = NULL;
	d->status = TRW_OK;
	d->err = err;
	trw_entry_reset(&d->entry);
	d->n_text = 0;
	return d;
}

void
trw_draft_clear(struct trw_draft *d)
{
	free(d->text);
	d->text = NULL;
	d->n_text = d->cap_text = 0;
	trw_entry_reset(&d->entry);
}

bool
trw_draft_is_bad(const struct trw_draft *d)
{
	return d->reason != NULL || d->status < 0;
}

void
trw_draft_refuse(struct trw_draft *d, const char *reason)
{
	if (!trw_draft_is_bad(d))
		d->reason = reason;
}

/* Room for n more bytes; false: the draft has failed. */
static bool
text_room(struct trw_draft *d, size_t n)
{
	size_t cap = d->cap_text < 256 ? 256 : d->cap_text;
	char *text;

	if (n <= d->cap_text - d->n_text)
		return true;
	if (n > TEXT_MAX - d->n_text) {
		d->status = trw_fail(
			d->err, TRW_ELIMIT, "an entry has more than %zu bytes of text", TEXT_MAX);
		return false;
	}
	while (cap - d->n_text < n)
		cap *= 2;
	text = realloc(d->text, cap);
	if (text == NULL) {
		d->status = trw_fail(d->err, TRW_ENOMEM, "out of memory for an entry");
		return false;
	}
	d->text = text;
	d->cap_text = cap;
	return true;
}

static void
text_put(struct trw_draft *d, const char *s, size_t n, const char **at)
{
	if (!text_room(d, n))
		return;
	*at = to_offset(d->n_text);
	memcpy(d->text + d->n_text, s, n);
	d->n_text += n;
}

/* Not in the middle of a character. */
static size_t
cut_utf8(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)s[max] & 0xC0U) == 0x80)
		max--;
	return max;
}

static void
tell_cut(struct trw_draft *d, bool is_cut)
{
	if (is_cut)
		trw_list_leave(d->list, "texts that are too long, in part", 1);
}

/*
 * As UTF-8; what is none is taken as ISO 8859-1, whose bytes from 0x80 on are two in UTF-8. NUL has
 * no place in a text.
 */
static void
utf8_put(struct trw_draft *d, const char *s, size_t n, size_t max, const char **at, size_t *len)
{
	size_t out = 0, i = 0;

	if (trw_utf8_valid((const uint8_t *)s, n)) {
		*len = cut_utf8(s, n, max);
		tell_cut(d, *len < n);
		text_put(d, s, *len, at);
		return;
	}
	if (!text_room(d, 2 * (n < max ? n : max)))
		return;
	char *to = d->text + d->n_text;
	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		size_t width = c < 0x80 ? 1 : 2;
		if (out + width > max)
			break;
		if (c >= 0x80) {
			to[out++] = (char)(0xC0U | c >> 6);
			to[out++] = (char)(0x80U | (c & 0x3FU));
		} else {
			to[out++] = c == 0 ? ' ' : (char)c;
		}
	}
	tell_cut(d, i < n);
	*at = to_offset(d->n_text);
	*len = out;
	d->n_text += out;
}

static const char *
length_reason(size_t n)
{
	switch (n) {
	case 31:
		return "31 hex digits: no digest has that length";
	case 33:
		return "33 hex digits: no digest has that length";
	case 39:
		return "39 hex digits: no digest has that length";
	case 41:
		return "41 hex digits: no digest has that length";
	case 63:
		return "63 hex digits: no digest has that length";
	case 65:
		return "65 hex digits: no digest has that length";
	default:
		return "no digest has that number of digits";
	}
}

const char *
trw_draft_try_digest(struct trw_draft *d, enum trw_hash_kind kind, const char *digits, size_t n)
{
	uint8_t value[TRW_HASH_SIZE_MAX];

	if (kind == TRW_HASH_N)
		kind = trw_hash_of_digits(n);
	if (kind == TRW_HASH_N || n != 2 * trw_hash_size(kind))
		return n == 0 ? "no digest" : length_reason(n);
	if (!trw_hash_unhex(digits, n, value))
		return "not hexadecimal";
	if ((d->entry.kinds & TRW_HASH_BIT(kind)) != 0)
		return memcmp(d->entry.digest[kind], value, n / 2) == 0
			       ? NULL
			       : "two different digests of one kind";
	memcpy(d->entry.digest[kind], value, n / 2);
	d->entry.kinds |= TRW_HASH_BIT(kind);
	return NULL;
}

void
trw_draft_digest(struct trw_draft *d, enum trw_hash_kind kind, const char *digits, size_t n)
{
	const char *reason = trw_draft_is_bad(d) ? NULL : trw_draft_try_digest(d, kind, digits, n);

	if (reason != NULL)
		trw_draft_refuse(d, reason);
}

void
trw_draft_need_digest(struct trw_draft *d)
{
	if (d->entry.kinds == 0)
		trw_draft_refuse(d, "no digest");
}

void
trw_draft_name(struct trw_draft *d, const char *name, size_t n)
{
	size_t kept = cut_utf8(name, n, TRW_ENTRY_NAME_MAX);

	if (trw_draft_is_bad(d))
		return;
	tell_cut(d, kept < n && d->list->options->keep_names);
	if (kept == 0)
		return;
	d->entry.name_len = kept;
	text_put(d, name, kept, &d->entry.name);
}

void
trw_draft_category(struct trw_draft *d, const char *scheme, size_t scheme_len, const char *category,
	size_t category_len)
{
	struct trw_entry *e = &d->entry;

	if (trw_draft_is_bad(d) || category_len == 0)
		return;
	e->is_suspect = e->is_suspect ||
			trw_category_is_suspect(scheme, scheme_len, category, category_len);
	utf8_put(d, scheme, scheme_len, TRW_CATEGORY_MAX, &e->scheme, &e->scheme_len);
	utf8_put(d, category, category_len, TRW_CATEGORY_MAX, &e->category, &e->category_len);
}

static void
property_put(struct trw_draft *d, const char *name, const char *value, size_t n)
{
	struct trw_property *p = &d->properties[d->entry.n_properties];

	if (trw_draft_is_bad(d) || n == 0)
		return;
	if (d->entry.n_properties == TRW_PROPERTIES_MAX) {
		d->status = trw_fail(d->err, TRW_ELIMIT, "an entry has more than %d properties",
			TRW_PROPERTIES_MAX);
		return;
	}
	utf8_put(d, name, strlen(name), TRW_PROPERTY_NAME_MAX, &p->name, &p->name_len);
	utf8_put(d, value, n, TRW_PROPERTY_VALUE_MAX, &p->value, &p->value_len);
	d->entry.n_properties++;
}

/* 144 bytes in hex to base64, without a remainder: as entry.h wants them. */
static void
photodna_encode(const uint8_t in[PHOTODNA], char out[PHOTODNA / 3 * 4])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < PHOTODNA; i += 3, out += 4) {
		out[0] = digits[in[i] >> 2];
		out[1] = digits[(in[i] & 0x03U) << 4 | in[i + 1] >> 4];
		out[2] = digits[(in[i + 1] & 0x0FU) << 2 | in[i + 2] >> 6];
		out[3] = digits[in[i + 2] & 0x3FU];
	}
}

void
trw_draft_property(struct trw_draft *d, const char *name, const char *value, size_t n)
{
	uint8_t photodna[PHOTODNA];
	char encoded[PHOTODNA / 3 * 4];

	if (n == 2 * PHOTODNA && strcmp(name, "photodna") == 0 &&
		trw_hash_unhex(value, n, photodna)) {
		photodna_encode(photodna, encoded);
		value = encoded;
		n = sizeof(encoded);
	}
	property_put(d, name, value, n);
}

/* Without the fraction that some write behind every number: "12.0". */
static size_t
integer_part(const char *p, size_t n)
{
	size_t at = n;

	while (at > 0 && p[at - 1] == '0')
		at--;
	return at > 1 && at < n && p[at - 1] == '.' ? at - 1 : n;
}

/* False: no digits, and nothing else. Past 64 bits UINT64_MAX and *is_huge. */
static bool
digits_read(const char *p, size_t n, uint64_t *out, bool *is_huge)
{
	*out = 0;
	*is_huge = false;
	for (size_t i = 0; i < n; i++) {
		uint64_t digit = (uint64_t)(uint8_t)p[i] - '0';
		if (digit > 9)
			return false;
		*is_huge = *is_huge || *out > (UINT64_MAX - digit) / 10;
		*out = *is_huge ? UINT64_MAX : *out * 10 + digit;
	}
	return n > 0;
}

void
trw_draft_size(struct trw_draft *d, const char *text, size_t n)
{
	uint64_t size;
	bool is_huge;

	if (trw_draft_is_bad(d) || n == 0)
		return;
	if (!digits_read(text, integer_part(text, n), &size, &is_huge) ||
		(size > INT64_MAX && !is_huge))
		trw_list_leave(d->list, "sizes that are no numbers of bytes", 1);
	else if (is_huge)
		trw_draft_refuse(d, "a size that no file has");
	else
		d->entry.size = size;
}

const struct trw_entry *
trw_draft_entry(struct trw_draft *d)
{
	struct trw_entry *e = &d->entry;

	if (e->name_len > 0)
		e->name = to_place(d, e->name);
	if (e->category_len > 0) {
		e->scheme = to_place(d, e->scheme);
		e->category = to_place(d, e->category);
	}
	for (size_t i = 0; i < e->n_properties; i++) {
		d->properties[i].name = to_place(d, d->properties[i].name);
		d->properties[i].value = to_place(d, d->properties[i].value);
	}
	e->properties = d->properties;
	return e;
}

enum trw_status
trw_draft_give(struct trw_draft *d, const char *what, uint64_t place)
{
	if (d->status < 0)
		return d->status;
	return d->reason != NULL ? trw_list_reject(d->list, what, place, d->reason, d->err)
				 : trw_list_entry(d->list, trw_draft_entry(d), d->err);
}

enum trw_status
trw_draft_give_keyed(struct trw_draft *d, const char *what, uint64_t place, const void *key,
	size_t key_len, int64_t rank)
{
	if (trw_draft_is_bad(d))
		return trw_draft_give(d, what, place);
	return trw_list_keyed(d->list, key, key_len, rank, trw_draft_entry(d), d->err);
}
