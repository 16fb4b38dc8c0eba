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

static enum trw_status
put_head(struct vics *w, struct trw_err *err)
{
	bool has_region = w->scheme_len > 5;

	return trw_output_text(w->x->out, err,
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

static enum trw_status
put_category(struct vics *w, const struct trw_entry *e, struct trw_err *err)
{
	if (!is_vics(e->scheme, e->scheme_len)) {
		w->losses.n_categories += e->scheme_len > 0 || e->category_len > 0;
		return TRW_OK;
	}
	if (!is_number(e->category, e->category_len)) {
		w->n_odd++;
		return TRW_OK;
	}
	return trw_output_text(
		w->x->out, err, ",\"Category\":%.*s", (int)e->category_len, e->category);
}

static enum trw_status
put_digest(struct vics *w, const char *key, const struct trw_entry *e, enum trw_hash_kind kind,
	struct trw_err *err)
{
	enum trw_status status = trw_output_text(w->x->out, err, ",\"%s\":\"", key);

	if (status == TRW_OK)
		status = trw_output_hex(w->x->out, e->digest[kind], trw_hash_size(kind), true, err);
	return status == TRW_OK ? trw_output_put(w->x->out, "\"", 1, err) : status;
}

static bool
is_text(const struct trw_property *p, const char *text)
{
	return p->value_len == strlen(text) && memcmp(p->value, text, p->value_len) == 0;
}

/* Counts the properties that went in. */
static enum trw_status
put_fields(struct vics *w, const struct trw_entry *e, uint64_t *n_put, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && status == TRW_OK; i++) {
		const struct trw_property *p = trw_export_property(e, fields[i].property);
		bool is_true = p != NULL && is_text(p, "true");
		if (p == NULL || (fields[i].is_claim && !is_true && !is_text(p, "false")))
			continue;
		++*n_put;
		status = trw_output_text(w->x->out, err, ",\"%s\":", fields[i].key);
		if (status == TRW_OK && fields[i].is_claim)
			status = trw_output_text(w->x->out, err, "%s", is_true ? "true" : "false");
		else if (status == TRW_OK)
			status = trw_output_json(w->x->out, p->value, p->value_len, err);
	}
	return status;
}

static enum trw_status
put_alternatives(struct vics *w, const struct trw_entry *e, uint64_t *n_put, struct trw_err *err)
{
	static const struct {
		enum trw_hash_kind kind;
		const char *name;
	} kinds[] = {{TRW_HASH_SHA256, "SHA256"}, {TRW_HASH_SHA512, "SHA512"},
		{TRW_HASH_SHA224, "SHA224"}, {TRW_HASH_SHA384, "SHA384"}};
	const struct trw_property *photodna = trw_export_property(e, "photodna");
	const char *before = ",\"AlternativeHashes\":[";
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == TRW_OK; i++) {
		if ((e->kinds & TRW_HASH_BIT(kinds[i].kind)) == 0)
			continue;
		status = trw_output_text(
			w->x->out, err, "%s{\"HashName\":\"%s\"", before, kinds[i].name);
		if (status == TRW_OK)
			status = put_digest(w, "HashValue", e, kinds[i].kind, err);
		if (status == TRW_OK)
			status = trw_output_put(w->x->out, "}", 1, err);
		before = ",";
	}
	if (photodna != NULL && status == TRW_OK) {
		++*n_put;
		status = trw_output_text(
			w->x->out, err, "%s{\"HashName\":\"PhotoDNA\",\"HashValue\":", before);
		if (status == TRW_OK)
			status = trw_output_json(
				w->x->out, photodna->value, photodna->value_len, err);
		if (status == TRW_OK)
			status = trw_output_put(w->x->out, "}", 1, err);
		before = ",";
	}
	if (status == TRW_OK && before[1] == '\0')
		status = trw_output_put(w->x->out, "]", 1, err);
	return status;
}

static enum trw_status
put_media(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct vics *w = ctx;
	uint64_t n_put = 0;
	enum trw_status status = trw_output_text(w->x->out, err, "%s\n{\"MediaID\":%" PRIu64,
		w->x->n_written > 0 ? "," : "", w->x->n_written + 1);

	w->x->n_written++;
	if (status == TRW_OK)
		status = put_category(w, e, err);
	if (status == TRW_OK)
		status = put_digest(w, "MD5", e, TRW_HASH_MD5, err);
	if (status == TRW_OK && (e->kinds & TRW_HASH_BIT(TRW_HASH_SHA1)) != 0)
		status = put_digest(w, "SHA1", e, TRW_HASH_SHA1, err);
	if (status == TRW_OK && e->size != TRW_SIZE_ABSENT)
		status = trw_output_text(w->x->out, err, ",\"MediaSize\":%" PRIu64, e->size);
	if (status == TRW_OK)
		status = put_fields(w, e, &n_put, err);
	if (status == TRW_OK)
		status = put_alternatives(w, e, &n_put, err);
	trw_losses_add(&w->losses, e, TRW_HASH_OF_FILES,
		TRW_CARRIES_SIZE | TRW_CARRIES_CATEGORY | TRW_CARRIES_PROPERTIES);
	w->losses.n_properties += e->n_properties - n_put;
	return status == TRW_OK ? trw_output_put(w->x->out, "}", 1, err) : status;
}

enum trw_status
trw_vics_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	struct vics w = {.x = x};
	enum trw_status status = find_scheme(&w, err);

	if (status == TRW_OK)
		status = put_head(&w, err);
	if (status == TRW_OK)
		status = trw_rows_each(x->set, TRW_HASH_MD5, put_media, &w, err);
	if (status == TRW_OK)
		status = trw_output_put(x->out, "\n]}\n", 4, err);
	if (status < 0)
		return status;
	w.losses.n_without = info->n_entries - info->n_by_kind[TRW_HASH_MD5];
	trw_losses_tell(&w.losses, trw_export_without(TRW_HASH_MD5), x);
	if (w.n_odd > 0)
		x->leave(x->ctx, "categories that are no numbers", w.n_odd);
	return TRW_OK;
}
