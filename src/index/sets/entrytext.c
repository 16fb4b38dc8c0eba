/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sets/entrytext.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
trw_entry_text_clear(struct trw_entry_text *text)
{
	free(text->name);
	free(text->scheme);
	free(text->category);
	free(text->properties);
	free(text->marks);
	*text = (struct trw_entry_text){0};
}

static enum trw_status
put(struct trw_buf *b, const char *s, struct trw_err *err)
{
	return trw_buf_put(b, s, strlen(s), err);
}

static enum trw_status
put_bytes(void *b, const void *p, size_t n, struct trw_err *err)
{
	return trw_buf_put(b, p, n, err);
}

static enum trw_status
put_string(struct trw_buf *b, const char *s, size_t n, struct trw_err *err)
{
	return trw_json_string(s, n, put_bytes, b, err);
}

static enum trw_status
put_key(struct trw_buf *b, const char *name, size_t n, struct trw_err *err)
{
	enum trw_status s = put(b, b->n == 0 ? "{" : ",", err);

	if (s == TRW_OK)
		s = put_string(b, name, n, err);
	return s == TRW_OK ? put(b, ":", err) : s;
}

/* n properties of one name. */
static enum trw_status
put_values(struct trw_buf *b, const struct trw_property *p, size_t n, struct trw_err *err)
{
	enum trw_status s = put_key(b, p->name, p->name_len, err);

	if (s == TRW_OK && n > 1)
		s = put(b, "[", err);
	for (size_t i = 0; s == TRW_OK && i < n; i++) {
		if (i > 0)
			s = put(b, ",", err);
		if (s == TRW_OK)
			s = put_string(b, p[i].value, p[i].value_len, err);
	}
	return s == TRW_OK && n > 1 ? put(b, "]", err) : s;
}

static enum trw_status
put_digest(struct trw_buf *b, const struct trw_entry *entry, enum trw_hash_kind kind,
	struct trw_err *err)
{
	char hex[2 * TRW_HASH_SIZE_MAX + 1];
	const char *name = trw_hash_name(kind);
	enum trw_status s = put_key(b, name, strlen(name), err);

	trw_hex(entry->digest[kind], trw_hash_size(kind), hex);
	return s == TRW_OK ? put_string(b, hex, strlen(hex), err) : s;
}

static enum trw_status
make_properties(const struct trw_entry *entry, char **out, struct trw_err *err)
{
	const struct trw_property *p = entry->properties;
	struct trw_buf b = {0};
	enum trw_status s = TRW_OK;

	for (size_t i = 0, n; s == TRW_OK && i < entry->n_properties; i += n) {
		n = trw_properties_alike(&p[i], entry->n_properties - i);
		s = put_values(&b, &p[i], n, err);
	}
	for (int k = 0; s == TRW_OK && k < TRW_HASH_N; k++)
		if ((entry->kinds & ~TRW_HASH_OF_CONTENT & TRW_HASH_BIT(k)) != 0)
			s = put_digest(&b, entry, (enum trw_hash_kind)k, err);
	if (s == TRW_OK && b.n > 0)
		s = trw_buf_put(&b, "}", 2, err);
	if (s < 0)
		trw_buf_clear(&b);
	*out = (char *)b.v;
	return s;
}

/* NULL for no bytes. */
static enum trw_status
make_text(const char *s, size_t n, char **out, struct trw_err *err)
{
	if (n == 0)
		return TRW_OK;
	*out = trw_utf8_display((const uint8_t *)s, n, err);
	return *out == NULL ? TRW_ENOMEM : TRW_OK;
}

static bool
is_mark(const struct trw_property *p)
{
	return p->name_len == 5 && memcmp(p->name, "marks", 5) == 0 && p->value_len > 0;
}

static enum trw_status
make_marks(const struct trw_entry *entry, char **out, struct trw_err *err)
{
	struct trw_buf b = {0};
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < entry->n_properties; i++) {
		const struct trw_property *p = &entry->properties[i];
		if (!is_mark(p))
			continue;
		if (b.n > 0)
			s = put(&b, ", ", err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, p->value, p->value_len, err);
	}
	if (s == TRW_OK)
		s = make_text((const char *)b.v, b.n, out, err);
	trw_buf_clear(&b);
	return s;
}

enum trw_status
trw_entry_text_make(const struct trw_entry *entry, uint32_t row, struct trw_entry_text *out,
	struct trw_err *err)
{
	enum trw_status s = make_text(entry->name, entry->name_len, &out->name, err);

	if (s == TRW_OK && out->name == NULL &&
		(out->name = trw_format(err, "row %" PRIu32, row)) == NULL)
		s = TRW_ENOMEM;
	if (s == TRW_OK)
		s = make_text(entry->scheme, entry->scheme_len, &out->scheme, err);
	if (s == TRW_OK)
		s = make_text(entry->category, entry->category_len, &out->category, err);
	if (s == TRW_OK)
		s = make_marks(entry, &out->marks, err);
	return s == TRW_OK ? make_properties(entry, &out->properties, err) : s;
}
