/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/writer.h"

#include "base/text.h"
#include "hashset/list/contract/category.h"

enum trw_status
trw_export_kind(
	const struct trw_export *x, uint32_t fits, enum trw_hash_kind *out, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	enum trw_hash_kind kind = x->kind == TRW_HASH_N ? info->primary : x->kind;

	if (info->n_by_kind[kind] == 0)
		return trw_fail(err, TRW_EUSAGE, "the set has no %s", trw_hash_name(kind));
	if ((fits & TRW_HASH_BIT(kind)) == 0)
		return trw_fail(err, TRW_EUSAGE,
			"values of kind %s would be taken for something else in this format: "
			"export as csv, or choose another kind",
			trw_hash_name(kind));
	*out = kind;
	return TRW_OK;
}

const char *
trw_export_without(enum trw_hash_kind kind)
{
	static const char *const texts[TRW_HASH_N] = {
		[TRW_HASH_MD5] = "entries without an MD5",
		[TRW_HASH_SHA1] = "entries without a SHA-1",
		[TRW_HASH_SHA256] = "entries without a SHA-256",
		[TRW_HASH_SHA512] = "entries without a SHA-512",
		[TRW_HASH_SHA224] = "entries without a SHA-224",
		[TRW_HASH_SHA384] = "entries without a SHA-384",
		[TRW_HASH_PDQ] = "entries without a PDQ value",
		[TRW_HASH_BLOCK_MD5] = "entries without a block MD5",
	};

	return texts[kind];
}

bool
trw_export_has_scheme(const struct trw_entry *e, const char *scheme)
{
	return trw_text_is(e->scheme, e->scheme_len, scheme);
}

const char *
trw_export_special_code(const struct trw_set *set, const struct trw_entry *e, size_t *n)
{
	enum trw_set_class class = trw_set_info(set)->class;
	bool is_nsrl = trw_export_has_scheme(e, "NSRL");
	bool is_suspect =
		trw_category_is_suspect(e->scheme, e->scheme_len, e->category, e->category_len);

	if (is_nsrl && (is_suspect || class == TRW_SET_KNOWN_GOOD)) {
		*n = e->category_len;
		return e->category;
	}
	*n = is_suspect || class != TRW_SET_KNOWN_GOOD;
	return is_suspect || class == TRW_SET_ALERT ? "M" : "S";
}

const struct trw_property *
trw_export_property(const struct trw_entry *e, const char *name)
{
	for (size_t i = 0; i < e->n_properties; i++)
		if (trw_text_is(e->properties[i].name, e->properties[i].name_len, name))
			return &e->properties[i];
	return NULL;
}
