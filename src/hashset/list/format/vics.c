/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "vics": Project VIC's JSON, versions 1.x and 2.0, and CAID's, which is the same with the
 * UK's region (the data model is at projectvic.org/vics-data-model). Either a list of media, or
 * cases that have media. What a category means depends on the region, which may stand behind the
 * media: the file is then read twice. Pictures, names, places and contact data are left behind.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CONTEXT_MAX 256 /* bytes */

enum { MEDIA_OF_CASE = 0, VALUE = 1 }; /* records of the plan */

static const char *const records[] = {"value.*.Media.*", "value.*", NULL};
static const char *const skips[] = {"Miniature", "Exifs", "MediaFiles", "RelativeFilePath",
	"CaseMetadata", "ContactName", "ContactPhone", "ContactEmail", "ContactOrganization",
	"ContactTitle", NULL};
static const char *const context_keys[] = {"@odata.context", "odata.metadata"};

struct reader {
	struct trw_list *list;
	char context[CONTEXT_MAX];
	char scheme[CONTEXT_MAX];
	bool has_cases;
};

/* ---- what the file says of itself ---- */

static enum trw_status
record_ignore(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	(void)ctx;
	(void)which;
	(void)number;
	(void)tree;
	(void)err;
	return TRW_OK;
}

static enum trw_status
context_take(void *ctx, const struct trw_json *tree, struct trw_err *err)
{
	struct reader *r = ctx;
	const char *text;
	size_t n;

	(void)err;
	for (size_t i = 0; i < 2; i++)
		if (trw_json_text(trw_json_get(tree, context_keys[i]), &text, &n) &&
			n < CONTEXT_MAX) {
			memcpy(r->context, text, n);
			r->context[n] = '\0';
		}
	return TRW_OK;
}

/* It stands behind the media: a pass over the file for it alone, whose counts are for nobody. */
static enum trw_status
context_search(struct reader *r, struct trw_err *err)
{
	static const struct trw_json_plan plan = {.records = records, .skips = skips};
	const struct trw_json_calls calls = {
		.ctx = r, .record = record_ignore, .rest = context_take};
	struct trw_list_report ignored = {0};
	struct trw_list first = *r->list;
	enum trw_status st;

	first.report = &ignored;
	st = trw_json_read(&first, &plan, &calls, err);
	return st < 0 ? st : trw_input_rewind(r->list->input, err);
}

static enum trw_status
context_find(struct reader *r, struct trw_err *err)
{
	const uint8_t *p;
	const char *value;
	size_t n;
	bool is_all;
	enum trw_status st = trw_input_head(r->list->input, &p, &n, &is_all, err);

	for (size_t i = 0; st == TRW_OK && i < 2; i++)
		if (trw_json_head_has(p, n, context_keys[i], r->context, CONTEXT_MAX, &value) &&
			value != NULL)
			return TRW_OK;
	r->context[0] = '\0';
	if (st == TRW_OK)
		st = context_search(r, err);
	if (st == TRW_OK && r->context[0] == '\0')
		st = trw_fail(err, TRW_ECORRUPT,
			"neither @odata.context nor odata.metadata: no Project VIC file");
	return st;
}

/*
 * ".../2.0.xml/US/$metadata#Media": the scheme is "VICS-US"; ".../1.3.xml#Media", and 2.0 without a
 * region: "VICS".
 */
static enum trw_status
context_read(struct reader *r, struct trw_err *err)
{
	const char *end = strstr(r->context, "/$metadata"), *start = end, *fragment;
	const char *version = strstr(r->context, "/DataModels/");
	size_t n;

	(void)snprintf(r->scheme, sizeof(r->scheme), "VICS");
	while (start != NULL && start > r->context && start[-1] != '/')
		start--;
	if (start < end && memmem(start, (size_t)(end - start), ".xml", 4) == NULL)
		(void)snprintf(r->scheme, sizeof(r->scheme), "VICS-%.*s",
			(int)(end - start < 64 ? end - start : 64), start);
	fragment = strrchr(r->context, '#');
	r->has_cases = fragment != NULL && strcmp(fragment, "#Cases") == 0;
	if (fragment == NULL || (!r->has_cases && strcmp(fragment, "#Media") != 0))
		return trw_fail(err, TRW_EUNSUPPORTED,
			"a Project VIC file of something else than Media or Cases");
	if (version == NULL)
		return TRW_OK;
	version += strlen("/DataModels/");
	n = strcspn(version, "x#/");
	if (n > 0 && version[n - 1] == '.')
		n--;
	return trw_list_fact(r->list, "data-model", version, n, err);
}

/* ---- media ---- */

struct column {
	const char *key, *property;
	bool is_claim; /* true or false, in whatever form */
};

static const struct column columns[] = {
	{"VictimIdentified", "victim_identified", true},
	{"OffenderIdentified", "offender_identified", true},
	{"IsDistributed", "is_distributed", true},
	{"IsPrecategorized", "is_precategorized", true},
	{"IsSuspected", "is_suspected", true},
	{"PrecategorizationSource", "precategorization_source", false},
	{"Series", "series", false},
	{"Tags", "tags", false},
	{"Comments", "comments", false},
	{"MimeType", "mime", false},
	{"DateUpdated", "updated", false},
};

static void
properties_take(struct trw_draft *d, const struct trw_json *media)
{
	const char *text;
	size_t n;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const struct trw_json *v = trw_json_get(media, columns[i].key);
		int claim = columns[i].is_claim ? trw_json_claim(v) : -1;
		if (claim >= 0)
			trw_draft_property(
				d, columns[i].property, claim ? "true" : "false", claim ? 4 : 5);
		else if (!columns[i].is_claim && trw_json_text(v, &text, &n))
			trw_draft_property(d, columns[i].property, text, n);
	}
}

/*
 * {"HashName": ..., "HashValue": ...}. An unknown kind is told, and left; one that is no digest, or
 * another than the entry has, as well: it must not cost the entry its MD5.
 */
static void
alternative_take(struct trw_draft *d, const struct trw_json *hash)
{
	const char *name, *value;
	size_t name_len, n;

	if (!trw_json_text(trw_json_get_nocase(hash, "HashName"), &name, &name_len) ||
		!trw_json_text(trw_json_get_nocase(hash, "HashValue"), &value, &n) || n == 0)
		return;
	enum trw_hash_kind kind = trw_hash_named(name, name_len);
	if (kind != TRW_HASH_N && kind != TRW_HASH_BLOCK_MD5) {
		if (trw_draft_try_digest(d, kind, value, n) != NULL)
			trw_list_leave(d->list, "alternative hashes that cannot be used", 1);
		return;
	}
	/* The first one; its own column comes before. */
	if (name_len == 8 && strncasecmp(name, "PhotoDNA", 8) == 0 && d->entry.n_properties == 0)
		trw_draft_property(d, "photodna", value, n);
	else
		trw_list_leave(d->list, "hash values of kinds that sets do not hold", 1);
}

static void
digests_take(struct trw_draft *d, const struct trw_json *media)
{
	static const struct {
		const char *key;
		enum trw_hash_kind kind;
	} digests[] = {{"MD5", TRW_HASH_MD5}, {"SHA1", TRW_HASH_SHA1}, {"SHA256", TRW_HASH_SHA256}};
	const struct trw_json *others = trw_json_get(media, "AlternativeHashes");
	const char *text;
	size_t n;

	for (size_t i = 0; i < 3; i++)
		if (trw_json_text(trw_json_get(media, digests[i].key), &text, &n) && n > 0)
			trw_draft_digest(d, digests[i].kind, text, n);
	if (others != NULL && others->type == TRW_JSON_ARRAY)
		for (const struct trw_json *v = others->child; !trw_draft_is_bad(d) && v != NULL;
			v = v->next)
			alternative_take(d, v);
	trw_draft_need_digest(d);
}

static enum trw_status
media_take(struct reader *r, const struct trw_json *media, uint64_t number, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(r->list, err);
	const char *text;
	size_t n;

	if (media->type != TRW_JSON_OBJECT)
		return trw_list_reject(r->list, "record", number, "not an object", err);
	if (trw_json_text(trw_json_get(media, "PhotoDNA"), &text, &n))
		trw_draft_property(d, "photodna", text, n);
	digests_take(d, media);
	if (trw_json_text(trw_json_get(media, "MediaSize"), &text, &n))
		trw_draft_size(d, text, n);
	if (trw_json_text(trw_json_get(media, "Category"), &text, &n))
		trw_draft_category(d, r->scheme, strlen(r->scheme), text, n);
	properties_take(d, media);
	return trw_draft_give(d, "record", number);
}

static enum trw_status
record_take(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct reader *r = ctx;

	if (which == MEDIA_OF_CASE || !r->has_cases)
		return media_take(r, tree, number, err);
	trw_list_leave(r->list, "cases (numbers, names, contact data)", 1);
	return TRW_OK;
}

static enum trw_status
vics_read(struct trw_list *l, struct trw_err *err)
{
	static const struct trw_json_plan plan = {.records = records, .skips = skips};
	struct reader r = {.list = l};
	const struct trw_json_calls calls = {.ctx = &r, .record = record_take};
	enum trw_status st = context_find(&r, err);

	if (st == TRW_OK)
		st = context_read(&r, err);
	if (st == TRW_OK)
		st = trw_json_read(l, &plan, &calls, err);
	return st;
}

static enum trw_claim
vics_probe(const struct trw_head *head)
{
	for (size_t i = 0; i < 2; i++)
		if (trw_json_head_has(head->p, head->n, context_keys[i], NULL, 0, NULL))
			return TRW_CLAIM_HEADER;
	/* The context may stand at the end of a long file. */
	return trw_json_head_has(head->p, head->n, "value", NULL, 0, NULL) && !head->is_all
		       ? TRW_CLAIM_SHAPE
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_vics = {
	.name = "vics",
	.summary = "Project VIC (VICS 1.x, 2.0) and CAID, JSON",
	.probe = vics_probe,
	.read = vics_read,
	.write = trw_vics_write,
};
