/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "misp": events of MISP, as its feeds and its export have them (MISP core format:
 * github.com/MISP/misp-rfc). Attributes and objects are known by their UUID: a later event file may
 * withdraw what an earlier one said.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MARKS_MAX 512
#define NOT_FOR_DETECTION "attributes that are not for detection (--unconfirmed takes them)"

/*
 * Alone, or in what the service answers. What else an event has is a record, too: of many events it
 * would pile up.
 */
static const char *const records[] = {"Event.Attribute.*", "Event.Object.*", "Event.Tag.*", "Event",
	"response.*.Event.Attribute.*", "response.*.Event.Object.*", "response.*.Event.Tag.*",
	"response.*.Event", "*.Event.Attribute.*", "*.Event.Object.*", "*.Event.Tag.*", "*.Event",
	NULL};
enum { ATTRIBUTE, OBJECT, TAG, EVENT, KINDS_OF_RECORDS };
static const char *const skips[] = {
	"data", "Galaxy", "ShadowAttribute", "RelatedEvent", "EventReport", NULL};

struct reader {
	struct trw_list *list;
	bool has_event;
};

/* "tlp:amber", "PAP:RED" in lower case to out; 0 when the tag is no handling mark. */
static size_t
mark_of(const struct trw_json *tag, char *out, size_t room)
{
	const char *text;
	size_t n;

	if (!trw_json_text(trw_json_get(tag, "name"), &text, &n) || n < 5 || n >= room)
		return 0;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	return memcmp(out, "tlp:", 4) == 0 || memcmp(out, "pap:", 4) == 0 ? n : 0;
}

static enum trw_status
event_tag_take(struct reader *r, const struct trw_json *tag, struct trw_err *err)
{
	char mark[64];
	size_t n = mark_of(tag, mark, sizeof(mark));

	return n == 0 ? TRW_OK : trw_list_fact(r->list, "mark", mark, n, err);
}

/* Marks of an entry, each once, a blank between. */
struct marks {
	char text[MARKS_MAX];
	size_t n;
};

static bool
has_mark(const struct marks *m, const char *mark, size_t n)
{
	for (size_t at = 0, len; at < m->n; at += len + 1) {
		const char *blank = memchr(m->text + at, ' ', m->n - at);
		len = blank == NULL ? m->n - at : (size_t)(blank - (m->text + at));
		if (len == n && memcmp(m->text + at, mark, n) == 0)
			return true;
	}
	return false;
}

static void
marks_add(struct reader *r, struct marks *m, const struct trw_json *o)
{
	const struct trw_json *tags = trw_json_get(o, "Tag");
	char mark[64];

	if (tags == NULL || tags->type != TRW_JSON_ARRAY)
		return;
	for (const struct trw_json *v = tags->child; v != NULL; v = v->next) {
		size_t n = mark_of(v, mark, sizeof(mark));
		if (n == 0 || has_mark(m, mark, n))
			continue;
		if (m->n + 1 + n > MARKS_MAX) {
			trw_list_leave(r->list, "handling marks past the room for them", 1);
			continue;
		}
		if (m->n > 0)
			m->text[m->n++] = ' ';
		memcpy(m->text + m->n, mark, n);
		m->n += n;
	}
}

/* Its own, and those of its attributes: an object itself is not tagged. */
static void
marks_take(struct reader *r, const struct trw_json *o)
{
	const struct trw_json *members = trw_json_get(o, "Attribute");
	struct marks m = {.n = 0};

	marks_add(r, &m, o);
	if (members != NULL && members->type == TRW_JSON_ARRAY)
		for (const struct trw_json *a = members->child; a != NULL; a = a->next)
			if (trw_json_claim(trw_json_get(a, "deleted")) != 1)
				marks_add(r, &m, a);
	trw_draft_property(r->list->draft, "marks", m.text, m.n);
}

static void
comment_take(struct reader *r, const struct trw_json *o)
{
	const char *text;
	size_t n;

	if (trw_json_text(trw_json_get(o, "comment"), &text, &n))
		trw_draft_property(r->list->draft, "comments", text, n);
}

static int64_t
rank_of(const struct trw_json *o)
{
	const char *text;
	size_t n;
	int64_t rank = 0;

	if (!trw_json_text(trw_json_get(o, "timestamp"), &text, &n) || n > 18)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		rank = rank * 10 + (text[i] - '0');
	}
	return rank;
}

static bool
is_other_hash(const char *type, size_t n)
{
	static const char *const others[] = {"sha512/224", "sha512/256", "sha3-224", "sha3-256",
		"sha3-384", "sha3-512", "ssdeep", "tlsh", "imphash", "authentihash", "vhash",
		"cdhash", "telfhash", "pehash", "impfuzzy"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (n == strlen(others[i]) && memcmp(type, others[i], n) == 0)
			return true;
	return false;
}

enum found { NO_HASH, OTHER_HASH, DIGEST };

/* The algorithm of an attribute, and where its digest and name are. */
struct value {
	enum trw_hash_kind kind;
	const char *digits, *name;
	size_t n_digits, name_len;
};

static enum found
value_find(const struct trw_json *a, struct value *out)
{
	const char *type, *text, *bar = NULL;
	size_t type_len, n;

	*out = (struct value){.kind = TRW_HASH_N};
	if (!trw_json_text(trw_json_get(a, "type"), &type, &type_len) ||
		!trw_json_text(trw_json_get(a, "value"), &text, &n))
		return NO_HASH;
	bool is_sample = type_len == 14 && memcmp(type, "malware-sample", 14) == 0;
	bool is_pair = type_len > 9 && memcmp(type, "filename|", 9) == 0;
	if (is_pair) {
		type += 9;
		type_len -= 9;
	}
	for (size_t i = n; (is_pair || is_sample) && i-- > 0 && bar == NULL;)
		if (text[i] == '|')
			bar = text + i;
	out->kind = is_sample ? TRW_HASH_MD5 : trw_hash_named(type, type_len);
	if (out->kind == TRW_HASH_N)
		return is_other_hash(type, type_len) ? OTHER_HASH : NO_HASH;
	out->digits = bar == NULL ? text : bar + 1;
	out->n_digits = bar == NULL ? n : n - (size_t)(bar + 1 - text);
	out->name = text;
	out->name_len = bar == NULL ? 0 : (size_t)(bar - text);
	return DIGEST;
}

static bool
is_wanted(const struct reader *r, const struct trw_json *a)
{
	return r->list->options->with_unconfirmed || trw_json_claim(trw_json_get(a, "to_ids")) != 0;
}

static enum trw_status
keyed(struct reader *r, const struct trw_json *o, bool is_withdrawn, uint64_t number,
	struct trw_err *err)
{
	char key[128] = "misp:";
	const char *uuid;
	size_t n;

	if (!trw_json_text(trw_json_get(o, "uuid"), &uuid, &n) || n == 0 || n > 64)
		return trw_list_reject(r->list, "record", number, "no uuid", err);
	for (size_t i = 0; i < n; i++)
		key[5 + i] = (char)tolower((unsigned char)uuid[i]);
	return is_withdrawn ? trw_list_keyed(r->list, key, 5 + n, rank_of(o), NULL, err)
			    : trw_draft_give_keyed(
				      r->list->draft, "record", number, key, 5 + n, rank_of(o));
}

/*
 * What this version says can't be used: nor can what an earlier version said. It has been counted
 * as left behind.
 */
static enum trw_status
unusable(struct reader *r, const struct trw_json *o, struct trw_err *err)
{
	struct trw_list_report *report = r->list->report;
	uint64_t n_records = report->n_records, n_withdrawn = report->n_withdrawn;
	enum trw_status st = trw_json_get(o, "uuid") == NULL ? TRW_OK : keyed(r, o, true, 0, err);

	report->n_records = n_records;
	report->n_withdrawn = n_withdrawn;
	return st;
}

static enum trw_status
attribute_take(struct reader *r, const struct trw_json *a, uint64_t number, struct trw_err *err)
{
	bool is_deleted = trw_json_claim(trw_json_get(a, "deleted")) == 1;
	struct trw_draft *d = trw_draft_begin(r->list, err);
	struct value v;
	enum found found = value_find(a, &v);

	if (found != DIGEST) {
		trw_list_leave(r->list,
			found == OTHER_HASH ? "hash values of kinds that sets do not hold"
					    : "attributes that are no hash values",
			1);
		return TRW_OK;
	}
	if (is_deleted)
		return keyed(r, a, true, number, err);
	if (!is_wanted(r, a)) {
		trw_list_leave(r->list, NOT_FOR_DETECTION, 1);
		return unusable(r, a, err);
	}
	trw_draft_digest(d, v.kind, v.digits, v.n_digits);
	if (trw_draft_is_bad(d))
		return trw_draft_give(d, "record", number);
	trw_draft_name(d, v.name, v.name_len);
	comment_take(r, a);
	marks_take(r, a);
	return keyed(r, a, false, number, err);
}

/* What an object says beside digests, name and size, by the relation of the attribute. */
static const struct {
	const char *relation, *property;
} texts[] = {{"mimetype", "mime"}, {"ssdeep", "ssdeep"}, {"tlsh", "tlsh"}};
#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

static bool
is_text(const struct trw_json *relation)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		if (trw_json_is(relation, texts[i].relation))
			return true;
	return false;
}

/* The first of each. */
static void
texts_take(struct reader *r, const struct trw_json *members)
{
	const char *text;
	size_t n;

	for (size_t i = 0; i < N_TEXTS; i++) {
		const struct trw_json *a = members;
		while (a != NULL &&
			(!trw_json_is(trw_json_get(a, "object_relation"), texts[i].relation) ||
				trw_json_claim(trw_json_get(a, "deleted")) == 1))
			a = a->next;
		if (trw_json_text(trw_json_get(a, "value"), &text, &n))
			trw_draft_property(r->list->draft, texts[i].property, text, n);
	}
}

/* One attribute of a file object: what it says goes into the draft. */
static void
member_take(struct reader *r, const struct trw_json *a)
{
	struct trw_draft *d = r->list->draft;
	const struct trw_json *relation = trw_json_get(a, "object_relation");
	const char *text;
	size_t n;
	struct value v;
	enum found found = value_find(a, &v);

	if (trw_json_claim(trw_json_get(a, "deleted")) == 1)
		return;
	if (found == DIGEST && !is_wanted(r, a)) {
		trw_list_leave(r->list, NOT_FOR_DETECTION, 1);
	} else if (found == DIGEST) {
		trw_draft_digest(d, v.kind, v.digits, v.n_digits);
	} else if (found == OTHER_HASH && !is_text(relation)) {
		trw_list_leave(r->list, "hash values of kinds that sets do not hold", 1);
	} else if (trw_json_text(trw_json_get(a, "value"), &text, &n)) {
		if (trw_json_is(relation, "filename") && d->entry.name_len == 0)
			trw_draft_name(d, text, n);
		if (trw_json_is(relation, "size-in-bytes"))
			trw_draft_size(d, text, n);
	}
}

static enum trw_status
object_take(struct reader *r, const struct trw_json *o, uint64_t number, struct trw_err *err)
{
	const struct trw_json *members = trw_json_get(o, "Attribute");
	struct trw_draft *d = trw_draft_begin(r->list, err);

	if (!trw_json_is(trw_json_get(o, "name"), "file")) {
		trw_list_leave(r->list, "objects that are no files", 1);
		return TRW_OK;
	}
	if (trw_json_claim(trw_json_get(o, "deleted")) == 1)
		return keyed(r, o, true, number, err);
	if (members != NULL && members->type == TRW_JSON_ARRAY)
		for (const struct trw_json *a = members->child; a != NULL; a = a->next)
			member_take(r, a);
	if (members != NULL)
		texts_take(r, members->child);
	comment_take(r, o);
	marks_take(r, o);
	if (trw_draft_is_bad(d))
		return trw_draft_give(d, "record", number);
	if (d->entry.kinds == 0) {
		trw_list_leave(r->list, "file objects without a digest to use", 1);
		return unusable(r, o, err);
	}
	return keyed(r, o, false, number, err);
}

static enum trw_status
record_take(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct reader *r = ctx;

	switch (which % KINDS_OF_RECORDS) {
	case ATTRIBUTE:
		return attribute_take(r, tree, number, err);
	case OBJECT:
		return object_take(r, tree, number, err);
	case TAG:
		return event_tag_take(r, tree, err);
	default: /* one without attributes is an event all the same */
		r->has_event = true;
		return TRW_OK;
	}
}

static enum trw_status
misp_read(struct trw_list *l, struct trw_err *err)
{
	static const struct trw_json_plan plan = {.records = records, .skips = skips};
	struct reader r = {.list = l};
	const struct trw_json_calls calls = {.ctx = &r, .record = record_take};
	enum trw_status st = trw_json_read(l, &plan, &calls, err);

	if (st == TRW_OK && !r.has_event)
		st = trw_fail(
			err, TRW_ECORRUPT, "no event of MISP in it: name its format with --format");
	return st;
}

static enum trw_claim
misp_probe(const struct trw_head *head)
{
	return trw_json_head_has(head->p, head->n, "Event", NULL, 0, NULL) ||
			       trw_json_head_has(head->p, head->n, "response", NULL, 0, NULL)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

/*
 * A manifest is {"UUID": {"Orgc": ..., "info": ...}, ...}: its first key is 36 characters with
 * dashes.
 */
static enum trw_claim
manifest_probe(const struct trw_head *head)
{
	const uint8_t *quote = memchr(head->p, '"', head->n < 64 ? head->n : 64);
	size_t left = quote == NULL ? 0 : head->n - (size_t)(quote - head->p);

	if (left < 40 || head->p[0] != '{')
		return TRW_CLAIM_NO;
	return quote[9] == '-' && quote[14] == '-' && quote[19] == '-' && quote[24] == '-' &&
			       quote[37] == '"' && quote[38] == ':'
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

/* hashes.csv: "MD5 of a text,UUID of the event" on every line. */
static enum trw_claim
hashes_probe(const struct trw_head *head)
{
	const char *p = (const char *)head->p;

	return head->n >= 69 && p[32] == ',' && p[41] == '-' && p[46] == '-' && p[51] == '-' &&
			       p[56] == '-' && trw_hash_is_hex(TRW_HASH_MD5, p, 32)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

static const char *const files[] = {"manifest.json", "hashes.csv", "*-*-*-*-*.json", NULL};

const struct trw_format trw_format_misp = {
	.name = "misp",
	.summary = "MISP events, and a folder that is a MISP feed",
	.probe = misp_probe,
	.read = misp_read,
	.write = trw_misp_write,
	.is_folder = true,
	.files = files,
};

const struct trw_format trw_format_misp_manifest = {
	.name = "misp-manifest",
	.summary = "the index of a MISP feed (refused: name the folder)",
	.probe = manifest_probe,
	.refusal = "the index of a MISP feed, which has no hash values of files: name its folder",
};

const struct trw_format trw_format_misp_hashes = {
	.name = "misp-hashes",
	.summary = "hashes.csv of a MISP feed (refused: digests of texts)",
	.probe = hashes_probe,
	.refusal =
		"hashes.csv of a MISP feed, whose MD5s are those of texts, not of files: name the folder of the feed",
};
