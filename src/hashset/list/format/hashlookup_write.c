/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hashlookup's records, a JSON object a line (github.com/hashlookup/hashlookup-format): all values
 * are strings, digests upper case. A record without KnownMalicious is one of a known file: so each
 * of an alert set has it; one of a triage set, which accuses nobody, has NSRL's code for special.
 */
#include "hashset/list/contract/category.h"
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"

#include "base/text.h"

#include <string.h>

struct hashlookup {
	struct trw_export *x;
	struct trw_losses losses;
};

static const struct {
	enum trw_hash_kind kind;
	const char *key;
} digests[] = {{TRW_HASH_MD5, "MD5"}, {TRW_HASH_SHA1, "SHA-1"}, {TRW_HASH_SHA256, "SHA-256"},
	{TRW_HASH_SHA512, "SHA-512"}};

#define KINDS                                                                                      \
	(TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1) |                                \
		TRW_HASH_BIT(TRW_HASH_SHA256) | TRW_HASH_BIT(TRW_HASH_SHA512))

static const struct {
	const char *property, *key;
} fields[] = {{"crc32", "CRC32"}, {"tlsh", "TLSH"}, {"ssdeep", "SSDEEP"},
	{"product", "ProductCode"}, {"mime", "mimetype"}, {"source", "source"}};

static void
put_digests(struct trw_put *out, const struct trw_entry *e)
{
	const char *before = "{";

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		enum trw_hash_kind kind = digests[i].kind;
		if ((e->kinds & TRW_HASH_BIT(kind)) == 0)
			continue;
		trw_put_text(out, "%s\"%s\":\"", before, digests[i].key);
		trw_put_hex(out, e->digest[kind], trw_hash_size(kind), true);
		trw_put(out, "\"", 1);
		before = ",";
	}
}

static void
put_text(struct trw_put *out, const char *key, const char *p, size_t n)
{
	trw_put_text(out, ",\"%s\":", key);

	trw_put_json(out, p, n);
}

/* The list that calls the entry malicious; NULL: none does. */
static const char *
malicious_of(const struct hashlookup *w, const struct trw_entry *e, size_t *n)
{
	const struct trw_set_info *info = trw_set_info(w->x->set);
	const char *name = info->name[0] != '\0' ? info->name : "alert";

	*n = e->category_len;
	if (e->category_len > 0 && trw_export_has_scheme(e, TRW_SCHEME_MALICIOUS))
		return e->category;
	*n = strlen(name);
	return info->class == TRW_SET_ALERT ? name : NULL;
}

/* That it is no known file, and its category where that is what says so. */
static void
put_standing(struct hashlookup *w, const struct trw_entry *e)
{
	size_t n_malicious, n_code;
	const char *malicious = malicious_of(w, e, &n_malicious);
	const char *code = trw_export_special_code(w->x->set, e, &n_code);
	bool has_own = n_code > 0 && code == e->category;

	w->losses.n_categories += e->category_len > 0 && !has_own && malicious != e->category;
	if (n_code > 0 && (has_own || malicious == NULL))
		put_text(w->x->out, "SpecialCode", code, n_code);
	if (malicious != NULL)
		put_text(w->x->out, "KnownMalicious", malicious, n_malicious);
}

static void
count(struct hashlookup *w, const struct trw_entry *e)
{
	w->x->n_written++;
	trw_losses_add(&w->losses, e, KINDS,
		TRW_CARRIES_SIZE | TRW_CARRIES_NAME | TRW_CARRIES_CATEGORY |
			TRW_CARRIES_PROPERTIES);
	w->losses.n_properties += e->n_properties;
	w->losses.n_bent +=
		e->name_len > 0 && !trw_utf8_valid((const uint8_t *)e->name, e->name_len);
}

static void
put_fields(struct hashlookup *w, const struct trw_entry *e)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct trw_property *p = trw_export_property(e, fields[i].property);
		if (p == NULL)
			continue;
		w->losses.n_properties--;
		put_text(w->x->out, fields[i].key, p->value, p->value_len);
	}
}

static enum trw_status
put_record(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct hashlookup *w = ctx;
	struct trw_put *out = w->x->out;

	(void)err;
	if ((e->kinds & KINDS) == 0) {
		w->losses.n_without++;
		return TRW_OK;
	}
	count(w, e);
	put_digests(out, e);
	if (e->name_len > 0)
		put_text(out, "FileName", e->name, e->name_len);
	if (e->size != TRW_SIZE_ABSENT)
		trw_put_text(out, ",\"FileSize\":\"%" PRIu64 "\"", e->size);
	put_standing(w, e);
	put_fields(w, e);
	trw_put(out, "}\n", 2);
	return w->x->out->status;
}

enum trw_status
trw_hashlookup_write(struct trw_export *x, struct trw_err *err)
{
	struct hashlookup w = {.x = x};
	enum trw_status status = trw_rows_each(x->set, TRW_HASH_N, put_record, &w, err);

	if (status < 0)
		return status;
	trw_losses_tell(&w.losses, "entries without an MD5, SHA-1, SHA-256 or SHA-512", x);
	return TRW_OK;
}
