/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VICS 2.0 JSON, #Media (the data model is at projectvic.org/vics-data-model): what readers in the
 * field want. The context comes first, "value" second; digests are upper case; what is not known is
 * absent, never null or "". An entry a line.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"

#include <string.h>

#define REGION_NONE "Default"
#define CATEGORY_DIGITS_MAX 9
#define ALTERNATIVES_MAX 5

struct vics {
	struct trw_export *x;
	struct trw_losses losses;
	/* of the file: "VICS-US"; borrowed from the set. NULL: no entry has a VICS category */
	const char *scheme;
	size_t scheme_len;
	uint64_t n_odd; /* categories of the scheme that are no numbers */
};

/* In the order of the file. */
static const struct {
	const char *property, *key;
	bool is_claim; /* true or false */
} fields[] = {
	{"victim_identified", "VictimIdentified", true},
	{"offender_identified", "OffenderIdentified", true},
	{"is_distributed", "IsDistributed", true},
	{"is_precategorized", "IsPrecategorized", true},
	{"is_suspected", "IsSuspected", true},
	{"precategorization_source", "PrecategorizationSource", false},
	{"series", "Series", false},
	{"tags", "Tags", false},
	{"comments", "Comments", false},
	{"mime", "MimeType", false},
	{"updated", "DateUpdated", false},
};

static bool
is_vics(const char *scheme, size_t n)
{
	return n >= 4 && memcmp(scheme, "VICS", 4) == 0 && (n == 4 || (n > 5 && scheme[4] == '-'));
}

/* A region goes into an address: letters, digits, '-', '_'. */
static bool
is_region(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memchr("-_", p[i], 2) == NULL && !(p[i] >= '0' && p[i] <= '9') &&
			!((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z'))
			return false;
	return true;
}

static enum trw_status
find_scheme(struct vics *w, struct trw_err *err)
{
	const char *scheme, *category;
	size_t scheme_len, category_len;

	for (uint32_t n = 0;
		trw_set_category(w->x->set, n, &scheme, &scheme_len, &category, &category_len);
		n++) {
		if (!is_vics(scheme, scheme_len))
			continue;
		if (w->scheme != NULL &&
			(w->scheme_len != scheme_len || memcmp(w->scheme, scheme, scheme_len) != 0))
			return trw_fail(err, TRW_EUSAGE,
				"the set has categories of several regions of VICS, and a file "
				"can hold those of one: export as csv");
		if (!is_region(scheme, scheme_len))
			return trw_fail(err, TRW_EUSAGE,
				"the set has categories of a VICS region whose name no VICS file "
				"can hold: export as csv");
		w->scheme = scheme;
		w->scheme_len = scheme_len;
	}
	return TRW_OK;
}

static void
put_head(struct vics *w)
{
	bool has_region = w->scheme_len > 5;

	trw_put_text(w->x->out,
		"{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/"
		"2.0.xml/%.*s/$metadata#Media\",\"value\":[",
		has_region ? (int)(w->scheme_len - 5) : (int)strlen(REGION_NONE),
		has_region ? w->scheme + 5 : REGION_NONE);
}

static bool
is_number(const char *p, size_t n)
{
	if (n == 0 || n > CATEGORY_DIGITS_MAX || (p[0] == '0' && n > 1))
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

static void
put_category(struct vics *w, const struct trw_entry *e)
{
	if (!is_vics(e->scheme, e->scheme_len)) {
		w->losses.n_categories += e->scheme_len > 0 || e->category_len > 0;
		return;
	}
	if (!is_number(e->category, e->category_len)) {
		w->n_odd++;
		return;
	}
	trw_put_text(w->x->out, ",\"Category\":%.*s", (int)e->category_len, e->category);
}

static void
put_digest(struct vics *w, const char *key, const struct trw_entry *e, enum trw_hash_kind kind)
{
	trw_put_text(w->x->out, ",\"%s\":\"", key);

	trw_put_hex(w->x->out, e->digest[kind], trw_hash_size(kind), true);
	trw_put(w->x->out, "\"", 1);
}

static bool
is_text(const struct trw_property *p, const char *text)
{
	return p->value_len == strlen(text) && memcmp(p->value, text, p->value_len) == 0;
}

/* Counts the properties that went in. */
static void
put_fields(struct vics *w, const struct trw_entry *e, uint64_t *n_put)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct trw_property *p = trw_export_property(e, fields[i].property);
		bool is_true = p != NULL && is_text(p, "true");
		if (p == NULL || (fields[i].is_claim && !is_true && !is_text(p, "false")))
			continue;
		++*n_put;
		trw_put_text(w->x->out, ",\"%s\":", fields[i].key);
		if (fields[i].is_claim)
			trw_put_text(w->x->out, "%s", is_true ? "true" : "false");
		else
			trw_put_json(w->x->out, p->value, p->value_len);
	}
}

static void
put_alternatives(struct vics *w, const struct trw_entry *e, uint64_t *n_put)
{
	static const struct {
		enum trw_hash_kind kind;
		const char *name;
	} kinds[] = {{TRW_HASH_SHA256, "SHA256"}, {TRW_HASH_SHA512, "SHA512"},
		{TRW_HASH_SHA224, "SHA224"}, {TRW_HASH_SHA384, "SHA384"}};
	const struct trw_property *photodna = trw_export_property(e, "photodna");
	const char *before = ",\"AlternativeHashes\":[";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((e->kinds & TRW_HASH_BIT(kinds[i].kind)) == 0)
			continue;
		trw_put_text(w->x->out, "%s{\"HashName\":\"%s\"", before, kinds[i].name);
		put_digest(w, "HashValue", e, kinds[i].kind);
		trw_put(w->x->out, "}", 1);
		before = ",";
	}
	if (photodna != NULL) {
		++*n_put;
		trw_put_text(w->x->out, "%s{\"HashName\":\"PhotoDNA\",\"HashValue\":", before);
		trw_put_json(w->x->out, photodna->value, photodna->value_len);
		trw_put(w->x->out, "}", 1);
		before = ",";
	}
	if (before[1] == '\0')
		trw_put(w->x->out, "]", 1);
}

static enum trw_status
put_media(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct vics *w = ctx;
	uint64_t n_put = 0;
	trw_put_text(w->x->out, "%s\n{\"MediaID\":%" PRIu64, w->x->n_written > 0 ? "," : "",
		w->x->n_written + 1);

	(void)err;
	w->x->n_written++;
	put_category(w, e);
	put_digest(w, "MD5", e, TRW_HASH_MD5);
	if ((e->kinds & TRW_HASH_BIT(TRW_HASH_SHA1)) != 0)
		put_digest(w, "SHA1", e, TRW_HASH_SHA1);
	if (e->size != TRW_SIZE_ABSENT)
		trw_put_text(w->x->out, ",\"MediaSize\":%" PRIu64, e->size);
	put_fields(w, e, &n_put);
	put_alternatives(w, e, &n_put);
	trw_losses_add(&w->losses, e, TRW_HASH_OF_FILES,
		TRW_CARRIES_SIZE | TRW_CARRIES_CATEGORY | TRW_CARRIES_PROPERTIES);
	w->losses.n_properties += e->n_properties - n_put;
	trw_put(w->x->out, "}", 1);
	return w->x->out->status;
}

enum trw_status
trw_vics_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	struct vics w = {.x = x};
	enum trw_status status = find_scheme(&w, err);

	if (status < 0)
		return status;
	put_head(&w);
	status = trw_rows_each(x->set, TRW_HASH_MD5, put_media, &w, err);
	trw_put(x->out, "\n]}\n", 4);
	if (status < 0)
		return status;
	w.losses.n_without = info->n_entries - info->n_by_kind[TRW_HASH_MD5];
	trw_losses_tell(&w.losses, trw_export_without(TRW_HASH_MD5), x);
	if (w.n_odd > 0)
		x->leave(x->ctx, "categories that are no numbers", w.n_odd);
	return TRW_OK;
}
