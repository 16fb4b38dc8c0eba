/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "hashlookup": CIRCL's records, one object a line, or the answer of its service, which is
 * one object (github.com/hashlookup/hashlookup-format).
 */
#include "hashset/list/contract/category.h"
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/json.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define MALICIOUS "KnownMalicious"

static const struct {
	const char *key;
	enum trw_hash_kind kind;
} digests[] = {{"MD5", TRW_HASH_MD5}, {"SHA-1", TRW_HASH_SHA1}, {"SHA-256", TRW_HASH_SHA256},
	{"SHA-512", TRW_HASH_SHA512}};

static const struct {
	const char *key, *property;
} columns[] = {{"mimetype", "mime"}, {"source", "source"}, {"db", "db"}, {"TLSH", "tlsh"},
	{"SSDEEP", "ssdeep"}, {"CRC32", "crc32"}, {"PackageName", "package"},
	{"PackageVersion", "package_version"}, {"ProductCode", "product"}};

/*
 * Whatever stands there, as long as it isn't a denial: the record has no place among known good
 * files.
 */
static void
malicious_take(struct trw_draft *d, const struct trw_json *v)
{
	const char *text = "yes";
	size_t n = 3;

	if (v == NULL || v->type == TRW_JSON_NULL || trw_json_claim(v) == 0)
		return;
	d->entry.is_suspect = true;
	if (!trw_json_text(v, &text, &n) || n == 0) {
		text = "yes";
		n = 3;
	}
	trw_draft_category(d, TRW_SCHEME_MALICIOUS, strlen(TRW_SCHEME_MALICIOUS), text, n);
}

/*
 * The NSRL's own mark, which its records bring along: as in NSRLFile.txt, M and S are not known
 * good.
 */
static void
special_take(struct trw_draft *d, const struct trw_json *v)
{
	const char *text;
	size_t n;

	if (!trw_json_text(v, &text, &n) || n == 0)
		return;
	if (text[0] == 'M' || text[0] == 'S')
		d->entry.is_suspect = true;
	if (d->entry.category_len > 0)
		trw_draft_property(d, "special_code", text, n);
	else
		trw_draft_category(d, "NSRL", 4, text, n);
}

static void
record_fill(struct trw_draft *d, const struct trw_json *o)
{
	const char *text;
	size_t n;

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (trw_json_text(trw_json_get_nocase(o, digests[i].key), &text, &n) && n > 0)
			trw_draft_digest(d, digests[i].kind, text, n);
	trw_draft_need_digest(d);
	if (trw_json_text(trw_json_get(o, "FileSize"), &text, &n))
		trw_draft_size(d, text, n);
	if (trw_json_text(trw_json_get(o, "FileName"), &text, &n))
		trw_draft_name(d, text, n);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (trw_json_text(trw_json_get(o, columns[i].key), &text, &n))
			trw_draft_property(d, columns[i].property, text, n);
	malicious_take(d, trw_json_get(o, MALICIOUS));
	special_take(d, trw_json_get(o, "SpecialCode"));
}

static enum trw_status
record_take(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(ctx, err);

	if (which == 1 && tree->type == TRW_JSON_ARRAY) /* its elements have been handed over */
		return TRW_OK;
	if (tree->type != TRW_JSON_OBJECT)
		trw_draft_refuse(d, "not an object");
	record_fill(d, tree);
	return trw_draft_give(d, "record", number);
}

/* The next line from *p that is neither empty nor a comment. */
static struct trw_field
line_next(const uint8_t **p, const uint8_t *end)
{
	struct trw_field line = {"", 0};

	while (*p < end && (line.n == 0 || line.p[0] == '#')) {
		line = trw_text_first(*p, (size_t)(end - *p));
		const uint8_t *stop = memchr(*p, '\n', (size_t)(end - *p));
		*p = stop == NULL ? end : stop + 1;
	}
	return line;
}

/*
 * An answer of the service is one document, which may be spread over lines; then the second line
 * begins no object. A first line longer than the head is a record.
 */
static enum trw_status
is_lines(struct trw_list *l, bool *out, struct trw_err *err)
{
	const uint8_t *p, *end;
	struct trw_field first, second;
	size_t n;
	bool is_all;
	enum trw_status st = trw_input_head(l->input, &p, &n, &is_all, err);

	if (st < 0)
		return st;
	end = p + n;
	first = line_next(&p, end);
	second = line_next(&p, end);
	*out = first.n > 0 && first.p[0] != '[' &&
	       (second.n > 0 ? second.p[0] == '{'
			     : first.p[0] == '{' && (!is_all || first.p[first.n - 1] == '}'));
	return TRW_OK;
}

static enum trw_status
hashlookup_read(struct trw_list *l, struct trw_err *err)
{
	static const char *const records[] = {"*", "", NULL}; /* an array of them, or one */
	static const char *const skips[] = {"parents", "children", NULL};
	struct trw_json_plan plan = {.records = records, .skips = skips};
	const struct trw_json_calls calls = {.ctx = l, .record = record_take};
	enum trw_status st = is_lines(l, &plan.is_lines, err);

	if (st == TRW_OK || st == TRW_END)
		st = trw_json_read(l, &plan, &calls, err);
	return st;
}

static enum trw_claim
hashlookup_probe(const struct trw_head *head)
{
	static const char *const own[] = {
		"hashlookup:trust", "insert-timestamp", "hashlookup:parent-total", MALICIOUS};
	bool has_digest = false;

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		has_digest = has_digest ||
			     trw_json_head_has(head->p, head->n, digests[i].key, NULL, 0, NULL);
	for (size_t i = 0; has_digest && i < sizeof(own) / sizeof(own[0]); i++)
		if (trw_json_head_has(head->p, head->n, own[i], NULL, 0, NULL))
			return TRW_CLAIM_HEADER;
	return has_digest ? TRW_CLAIM_SHAPE : TRW_CLAIM_NO;
}

const struct trw_format trw_format_hashlookup = {
	.name = "hashlookup",
	.summary = "CIRCL hashlookup records, JSON lines or the answer of its service",
	.probe = hashlookup_probe,
	.read = hashlookup_read,
	.write = trw_hashlookup_write,
};
