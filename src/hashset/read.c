/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every number in a set - a row, a place in the extras, a length - is held against the bounds of
 * the header when it is asked for: a set may come from anybody.
 */
#include "hashset/map.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/text.h"

#include <string.h>

const struct trw_set_info *
trw_set_info(const struct trw_set *set)
{
	return &set->info;
}

bool
trw_set_fact(const struct trw_set *set, size_t n, const char **key, size_t *key_len,
	const char **value, size_t *value_len)
{
	if (n >= set->n_facts)
		return false;
	const uint8_t *p = set->facts[n]; /* checked when it was opened */
	*key_len = trw_le32(p);
	*key = (const char *)p + 4;
	p += 4 + *key_len;
	*value_len = trw_le32(p);
	*value = (const char *)p + 4;
	return true;
}

bool
trw_set_mark(const struct trw_set *set, size_t *n, const char **mark, size_t *len)
{
	const char *key;
	size_t key_len;

	while (trw_set_fact(set, (*n)++, &key, &key_len, mark, len))
		if (trw_text_is(key, key_len, "mark"))
			return true;
	return false;
}

bool
trw_set_category(const struct trw_set *set, uint32_t n, const char **scheme, size_t *scheme_len,
	const char **category, size_t *category_len)
{
	if (n >= set->h.n_profiles)
		return false;
	const uint8_t *p = set->profiles[n]; /* checked when it was opened */
	*scheme_len = trw_le32(p);
	*scheme = (const char *)p + 4;
	p += 4 + *scheme_len;
	*category_len = trw_le32(p);
	*category = (const char *)p + 4;
	return true;
}

uint32_t
trw_set_row(const struct trw_set *set, enum trw_hash_kind kind, uint32_t position)
{
	const uint8_t *order = trw_set_section(set, TRW_TSET_ORDER + (int)kind);
	uint32_t row = position;

	if (position >= set->h.n_by_kind[kind])
		return 0;
	if (order != NULL)
		row = trw_le32(order + 4 * (size_t)position);
	return row < set->h.n_rows ? row : 0;
}

uint32_t
trw_set_row_kinds(const struct trw_set *set, uint32_t row)
{
	const struct trw_tset_header *h = &set->h;

	return h->mask_at == TRW_TSET_NO_COLUMN
		       ? h->kinds
		       : h->kinds & trw_set_row_bytes(set, row)[h->mask_at];
}

const uint8_t *
trw_set_row_digest(const struct trw_set *set, uint32_t row, enum trw_hash_kind kind)
{
	if ((trw_set_row_kinds(set, row) & TRW_HASH_BIT(kind)) == 0)
		return NULL;
	return trw_set_row_bytes(set, row) + set->h.digest_at[kind];
}

uint64_t
trw_set_row_size(const struct trw_set *set, uint32_t row)
{
	return set->h.size_at == TRW_TSET_NO_COLUMN
		       ? TRW_SIZE_ABSENT
		       : trw_le64(trw_set_row_bytes(set, row) + set->h.size_at);
}

static enum trw_status
extra_damaged(uint32_t row, struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT,
		"damaged set: what entry %" PRIu32
		" says lies outside of it; get a good copy, or import the list again",
		row);
}

/* u16 length, name; u32 length, value. */
static bool
item_next(struct trw_cur *c, struct trw_property *out)
{
	if (c->left < 2)
		return false;
	out->name_len = trw_le16(c->p);
	c->p += 2;
	c->left -= 2;
	if (out->name_len > c->left)
		return false;
	out->name = (const char *)c->p;
	c->p += out->name_len;
	c->left -= out->name_len;
	out->value = (const char *)trw_cur_bytes(c, SIZE_MAX, &out->value_len);
	return !c->bad && out->name_len <= TRW_PROPERTY_NAME_MAX &&
	       out->value_len <= TRW_PROPERTY_VALUE_MAX;
}

static enum trw_status
extra_read(const struct trw_set *set, uint32_t row, uint64_t at, struct trw_entry *out,
	struct trw_property *room, struct trw_err *err)
{
	const struct trw_tset_place *place = &set->h.sections[TRW_TSET_EXTRAS];
	struct trw_cur all, c;
	struct trw_property item;

	if (at > place->len)
		return extra_damaged(row, err);
	all = (struct trw_cur){.p = set->map + place->off + at, .left = (size_t)(place->len - at)};
	c.p = trw_cur_bytes(&all, SIZE_MAX, &c.left);
	c.bad = all.bad;
	while (!c.bad && c.left > 0) {
		if (!item_next(&c, &item))
			return extra_damaged(row, err);
		if (trw_text_is(item.name, item.name_len, "name")) {
			if (item.value_len > TRW_ENTRY_NAME_MAX)
				return extra_damaged(row, err);
			out->name = item.value;
			out->name_len = item.value_len;
		} else if (out->n_properties < TRW_PROPERTIES_MAX) {
			room[out->n_properties++] = item;
		} else {
			return extra_damaged(row, err);
		}
	}
	return c.bad ? extra_damaged(row, err) : TRW_OK;
}

enum trw_status
trw_set_entry(const struct trw_set *set, uint32_t row, struct trw_entry *out,
	struct trw_property *room, struct trw_err *err)
{
	const struct trw_tset_header *h = &set->h;
	const uint8_t *p;
	uint32_t profile = 0;
	uint64_t extra = 0;

	if (row >= h->n_rows)
		return trw_fail(err, TRW_EUSAGE, "the set has no entry %" PRIu32, row);
	trw_entry_reset(out);
	p = trw_set_row_bytes(set, row);
	out->properties = room;
	out->kinds = trw_set_row_kinds(set, row);
	if (out->kinds == 0)
		return trw_fail(err, TRW_ECORRUPT,
			"damaged set: entry %" PRIu32
			" has no digest; get a good copy, or import the list again",
			row);
	for (int k = 0; k < TRW_HASH_N; k++)
		if ((out->kinds & TRW_HASH_BIT(k)) != 0)
			memcpy(out->digest[k], p + h->digest_at[k],
				trw_hash_size((enum trw_hash_kind)k));
	out->size = trw_set_row_size(set, row);
	if (h->profile_at != TRW_TSET_NO_COLUMN)
		profile = trw_le16(p + h->profile_at);
	if (!trw_set_category(set, profile, &out->scheme, &out->scheme_len, &out->category,
		    &out->category_len))
		return trw_fail(err, TRW_ECORRUPT,
			"damaged set: entry %" PRIu32
			" has a category that is not there; get a good copy, or import the list again",
			row);
	if (h->extra_at != TRW_TSET_NO_COLUMN)
		extra = trw_le64(p + h->extra_at);
	return extra == 0 ? TRW_OK : extra_read(set, row, extra, out, room, err);
}
