/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/merge.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "base/text.h"
#include "hashset/layout.h"

#include <stdlib.h>
#include <string.h>

/* The builder keeps a repeated mark or block size once. */
static enum trw_status
facts_add(struct trw_set_builder *b, const struct trw_set *set, struct trw_err *err)
{
	const char *key, *value;
	size_t key_len, value_len;
	char name[TRW_TSET_KEY_MAX + 1];

	for (size_t i = 0; trw_set_fact(set, i, &key, &key_len, &value, &value_len); i++) {
		if (trw_text_is(key, key_len, "id") || trw_text_is(key, key_len, "name") ||
			trw_text_is(key, key_len, "version") ||
			trw_text_is(key, key_len, "importer"))
			continue;
		memcpy(name, key, key_len);
		name[key_len] = '\0';
		enum trw_status st = trw_set_builder_fact(b, name, value, value_len, err);
		if (st < 0)
			return st;
	}
	return TRW_OK;
}

static enum trw_status
origin_add(struct trw_set_builder *b, const struct trw_set *set, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(set);
	char identity[65];

	trw_hex(info->identity, 32, identity);
	char *text =
		trw_format(err, "%s version=%s class=%s identity=%s entries=%" PRIu64, info->id,
			info->version, trw_set_class_name(info->class), identity, info->n_entries);
	enum trw_status st = text == NULL
				     ? TRW_ENOMEM
				     : trw_set_builder_fact(b, "merged", text, strlen(text), err);
	free(text);
	return st;
}

enum trw_status
trw_set_merge_into(struct trw_set_builder *b, const struct trw_set *set, struct trw_err *err)
{
	uint64_t n = trw_set_info(set)->n_entries;
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry entry;
	enum trw_status st = facts_add(b, set, err);

	if (st == TRW_OK)
		st = origin_add(b, set, err);
	for (uint64_t row = 0; st == TRW_OK && row < n; row++) {
		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		st = trw_set_entry(set, (uint32_t)row, &entry, room, err);
		if (st == TRW_OK)
			st = trw_set_builder_add(b, &entry, err);
	}
	return st == TRW_OK ? trw_set_confirm(set, err) : st;
}
