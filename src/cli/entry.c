/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/entry.h"

#include "base/text.h"
#include "cli/say.h"

static void
digest_hex(
	const struct trw_entry *entry, enum trw_hash_kind kind, char out[2 * TRW_HASH_SIZE_MAX + 1])
{
	trw_hex(entry->digest[kind], trw_hash_size(kind), out);
}

void
trw_entry_text(const struct trw_entry *entry)
{
	char hex[2 * TRW_HASH_SIZE_MAX + 1];

	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		if ((entry->kinds & TRW_HASH_BIT(kind)) == 0)
			continue;
		digest_hex(entry, kind, hex);
		printf("\t%s=%s", trw_hash_name(kind), hex);
	}
	if (entry->size != TRW_SIZE_ABSENT)
		printf("\tsize=%" PRIu64, entry->size);
	if (entry->category_len > 0) {
		fputs("\tcategory=", stdout);
		trw_say_name(stdout, entry->scheme, entry->scheme_len);
		putchar(':');
		trw_say_name(stdout, entry->category, entry->category_len);
	}
	if (entry->name_len > 0) {
		fputs("\tname=", stdout);
		trw_say_name(stdout, entry->name, entry->name_len);
	}
	for (size_t i = 0; i < entry->n_properties; i++) {
		const struct trw_property *p = &entry->properties[i];
		putchar('\t');
		trw_say_name(stdout, p->name, p->name_len);
		putchar('=');
		trw_say_name(stdout, p->value, p->value_len);
	}
}

static void
member(const char *key, const char *value, size_t n)
{
	printf(", \"%s\": ", key);
	trw_say_json(stdout, value, n);
}

/* n properties of one name: a string, or an array of them. */
static void
property_json(const struct trw_property *p, size_t n)
{
	trw_say_json(stdout, p->name, p->name_len);
	fputs(n > 1 ? ": [" : ": ", stdout);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : ", ", stdout);
		trw_say_json(stdout, p[i].value, p[i].value_len);
	}
	if (n > 1)
		putchar(']');
}

void
trw_entry_json(const struct trw_entry *entry)
{
	char hex[2 * TRW_HASH_SIZE_MAX + 1];
	const char *comma = "";

	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		if ((entry->kinds & TRW_HASH_BIT(kind)) == 0)
			continue;
		digest_hex(entry, kind, hex);
		printf("%s\"%s\": \"%s\"", comma, trw_hash_name(kind), hex);
		comma = ", ";
	}
	if (entry->size != TRW_SIZE_ABSENT)
		printf(", \"size\": %" PRIu64, entry->size);
	if (entry->category_len > 0) {
		member("scheme", entry->scheme, entry->scheme_len);
		member("category", entry->category, entry->category_len);
	}
	if (entry->name_len > 0)
		member("name", entry->name, entry->name_len);
	if (entry->n_properties == 0)
		return;
	fputs(", \"properties\": {", stdout);
	for (size_t i = 0, n; i < entry->n_properties; i += n) {
		const struct trw_property *p = &entry->properties[i];
		n = trw_properties_alike(p, entry->n_properties - i);
		fputs(i == 0 ? "" : ", ", stdout);
		property_json(p, n);
	}
	putchar('}');
}
