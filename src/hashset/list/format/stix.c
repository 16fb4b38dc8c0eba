/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "stix": bundles of STIX 2.1. An indicator accuses and is taken; a bare file object is an
 * observation, and is taken on request only. Objects are known by their id, and the newest version
 * of one counts.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/contract/marks.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/json.h"
#include "hashset/list/syntax/stamp.h"
#include "hashset/list/syntax/stix_pattern.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ID_MAX 200
#define MARKS_MAX 256 /* bytes of an entry's marks */
#define MARK_MAX 64

/*
 * A mark that the bundle defines: as a statement, which is how marks beside TLP are exported
 * (stix_write.c).
 */
struct definition {
	char id[ID_MAX + 1], mark[MARK_MAX];
};

struct reader {
	struct trw_list *list;
	struct definition definitions[TRW_MARKS_MAX];
	size_t n_definitions;
};

/*
 * Marking definitions of TLP 1 (STIX 2.1, section 7.2.1.4), and of TLP 2 (OASIS, STIX common
 * objects).
 */
static const struct {
	const char *id, *mark;
} markings[] = {{"613f2e26-407d-48c7-9eca-b8e91df99dc9", "tlp:white"},
	{"34098fce-860f-48ae-8e50-ebd3cc5e41da", "tlp:green"},
	{"f88d31f6-486f-44da-b317-01333bde0b82", "tlp:amber"},
	{"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "tlp:red"},
	{"94868c89-83c2-464b-929b-a1a8aa3c8487", "tlp:clear"},
	{"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "tlp:green"},
	{"55d920b0-5e8b-4f79-9ee9-91f868d9b421", "tlp:amber"},
	{"939a9414-2ddd-4d32-a0cd-375ea402b003", "tlp:amber+strict"},
	{"e828b379-4e03-4974-9ac4-e53a884c97c1", "tlp:red"}};

/* "tlp:..." or "pap:...", one word: a statement may also be any text. */
static bool
is_mark(const char *text, size_t n)
{
	return n > 4 && n < MARK_MAX && memchr(text, ' ', n) == NULL &&
	       (strncasecmp(text, "tlp:", 4) == 0 || strncasecmp(text, "pap:", 4) == 0);
}

/* False: no mark that is kept. */
static bool
definition_take(struct reader *r, const struct trw_json *o)
{
	const struct trw_json *definition = trw_json_get(o, "definition");
	struct definition *d = &r->definitions[r->n_definitions];
	const char *id, *text;
	size_t n_id, n;

	if (!trw_json_text(trw_json_get(o, "id"), &id, &n_id) || n_id > ID_MAX ||
		!trw_json_text(trw_json_get(definition, "statement"), &text, &n) ||
		!is_mark(text, n) || r->n_definitions == TRW_MARKS_MAX)
		return false;
	memcpy(d->id, id, n_id);
	d->id[n_id] = '\0';
	for (size_t i = 0; i <= n; i++)
		d->mark[i] = i < n ? (char)tolower((unsigned char)text[i]) : '\0';
	r->n_definitions++;
	return true;
}

static const char *
marking_of(const struct reader *r, const struct trw_json *ref)
{
	static const char prefix[] = "marking-definition--";
	const char *text;
	size_t n;

	for (size_t i = 0; i < r->n_definitions; i++)
		if (trw_json_is(ref, r->definitions[i].id))
			return r->definitions[i].mark;
	if (!trw_json_text(ref, &text, &n) || n != strlen(prefix) + 36)
		return NULL;
	for (size_t i = 0; i < sizeof(markings) / sizeof(markings[0]); i++)
		if (memcmp(text + strlen(prefix), markings[i].id, 36) == 0)
			return markings[i].mark;
	return NULL;
}

/* All of them: the strictest is the one that counts, and it may be any. */
static void
marks_take(struct reader *r, const struct trw_json *refs)
{
	char marks[MARKS_MAX];
	size_t n = 0;

	if (refs == NULL || refs->type != TRW_JSON_ARRAY)
		return;
	for (const struct trw_json *v = refs->child; v != NULL; v = v->next) {
		const char *mark = marking_of(r, v);
		size_t len = mark == NULL ? 0 : strlen(mark);
		if (mark == NULL || len + 1 > MARKS_MAX - n) {
			trw_list_leave(r->list,
				"handling marks of objects that are neither TLP nor PAP", 1);
			continue;
		}
		if (n > 0)
			marks[n++] = ' ';
		memcpy(marks + n, mark, len);
		n += len;
	}
	trw_draft_property(r->list->draft, "marks", marks, n);
}

static void
common_take(struct reader *r, const struct trw_json *o)
{
	static const char *const times[][2] = {{"modified", "updated"},
		{"valid_from", "valid_from"}, {"valid_until", "valid_until"}};

	for (size_t i = 0; i < 3; i++) {
		const struct trw_json *v = trw_json_get(o, times[i][0]);
		const char *text;
		size_t n;
		if (trw_json_text(v, &text, &n) && !trw_json_is(v, trw_stamp_none.text))
			trw_draft_property(r->list->draft, times[i][1], text, n);
	}
	marks_take(r, trw_json_get(o, "object_marking_refs"));
}

/* When it was modified, in microseconds: versions may follow one another within a second. */
static int64_t
rank_of(const struct trw_json *o)
{
	struct trw_stamp stamp = trw_stamp_none;
	const char *text, *point;
	size_t n;
	int64_t micros = 0, unit = 100000;

	if (trw_json_text(trw_json_get(o, "modified"), &text, &n))
		(void)!trw_stamp_read(text, n, &stamp);
	point = strchr(stamp.text, '.');
	for (; point != NULL && point[1] >= '0' && point[1] <= '9' && unit > 0; point++) {
		micros += (point[1] - '0') * unit;
		unit /= 10;
	}
	return stamp.s * 1000000 + micros; /* of the year 9999 at most */
}

/* The k-th entry of an object, a part of its id: a pattern of alternatives has several. */
static enum trw_status
keyed(struct reader *r, const struct trw_json *o, size_t k, uint64_t number)
{
	char key[ID_MAX + 2];
	const char *text = "";
	size_t n = 0;

	(void)trw_json_text(trw_json_get(o, "id"), &text, &n); /* record_take has looked at it */
	memcpy(key, text, n);
	key[n] = '\0';
	key[n + 1] = (char)k;
	return trw_draft_give_keyed(r->list->draft, "record", number, key, n + 2, rank_of(o));
}

/* Every entry of an object whose rank is lower than this. */
static enum trw_status
withdraw(struct reader *r, const struct trw_json *o, int64_t rank, struct trw_err *err)
{
	const char *text = "";
	size_t n = 0;

	(void)trw_json_text(trw_json_get(o, "id"), &text, &n);
	return trw_list_keyed(r->list, text, n, rank, NULL, err);
}

/* The same where it is no withdrawal to tell of: what an earlier version said goes with it. */
static enum trw_status
replace(struct reader *r, const struct trw_json *o, int64_t rank, struct trw_err *err)
{
	struct trw_list_report *report = r->list->report;
	uint64_t n_records = report->n_records, n_withdrawn = report->n_withdrawn;
	enum trw_status st = withdraw(r, o, rank, err);

	report->n_records = n_records;
	report->n_withdrawn = n_withdrawn;
	return st;
}

static const char *
terms_take(struct reader *r, const struct trw_stix_pattern *x, size_t first, size_t n,
	struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(r->list, err);

	for (size_t i = first; i < first + n; i++)
		trw_draft_digest(d, x->terms[i].kind, x->terms[i].digits, x->terms[i].n_digits);
	trw_draft_size(d, x->size, x->size_len);
	return d->reason;
}

/* The first version of an object: it takes the place of none. */
static bool
is_first(const struct trw_json *o)
{
	const char *created, *modified;
	size_t n_created, n_modified;

	return trw_json_text(trw_json_get(o, "created"), &created, &n_created) &&
	       trw_json_text(trw_json_get(o, "modified"), &modified, &n_modified) &&
	       n_created == n_modified && memcmp(created, modified, n_created) == 0;
}

static enum trw_status
indicator_take(struct reader *r, const struct trw_json *o, uint64_t number, struct trw_err *err)
{
	const struct trw_json *type = trw_json_get(o, "pattern_type");
	struct trw_stix_pattern x;
	const char *text = "", *reason;
	size_t n = 0;
	enum trw_status st = TRW_OK;

	if (trw_json_claim(trw_json_get(o, "revoked")) == 1)
		return withdraw(r, o, rank_of(o) + 1, err); /* the version itself, too */
	if (type != NULL && !trw_json_is(type, "stix")) {
		trw_list_leave(r->list, "indicators in another language than STIX patterns", 1);
		return TRW_OK;
	}
	(void)trw_json_text(trw_json_get(o, "pattern"), &text, &n);
	reason = trw_stix_pattern_parse(text, n, &x);
	size_t n_entries = x.is_or ? x.n : 1, per_entry = x.is_or ? 1 : x.n;
	for (size_t k = 0; reason == NULL && k < n_entries; k++) /* all of them, or none */
		reason = terms_take(r, &x, k * per_entry, per_entry, err);
	for (size_t k = 0; reason == NULL && st == TRW_OK && k < n_entries; k++) {
		(void)terms_take(r, &x, k * per_entry, per_entry, err);
		common_take(r, o);
		st = keyed(r, o, k, number);
	}
	/* Also when nothing of it can be used: nor can what an earlier version said. */
	if (st == TRW_OK && !is_first(o))
		st = replace(r, o, rank_of(o), err);
	if (st < 0 || reason == NULL)
		return st;
	if (n > 0 && memmem(text, n, "hashes", 6) == NULL) {
		trw_list_leave(r->list, "indicators of other things than hash values", 1);
		return TRW_OK;
	}
	return trw_list_reject(r->list, "record", number, reason, err);
}

static void
hashes_take(struct trw_draft *d, const struct trw_json *hashes)
{
	const char *text;
	size_t n;

	if (hashes != NULL && hashes->type == TRW_JSON_OBJECT)
		for (const struct trw_json *v = hashes->child; !trw_draft_is_bad(d) && v != NULL;
			v = v->next) {
			enum trw_hash_kind kind = trw_hash_named(v->key, v->key_len);
			if (kind >= TRW_HASH_PDQ || !trw_json_text(v, &text, &n))
				trw_list_leave(
					d->list, "hash values of kinds that sets do not hold", 1);
			else
				trw_draft_digest(d, kind, text, n);
		}
	trw_draft_need_digest(d);
}

static enum trw_status
file_take(struct reader *r, const struct trw_json *o, uint64_t number, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(r->list, err);
	const char *text;
	size_t n;

	if (!r->list->options->with_unconfirmed) {
		trw_list_leave(r->list,
			"file objects, which only say that a file was seen (--unconfirmed takes them)",
			1);
		return TRW_OK;
	}
	hashes_take(d, trw_json_get(o, "hashes"));
	if (trw_json_text(trw_json_get(o, "size"), &text, &n))
		trw_draft_size(d, text, n);
	if (trw_json_text(trw_json_get(o, "name"), &text, &n))
		trw_draft_name(d, text, n);
	if (!trw_draft_is_bad(d))
		common_take(r, o);
	return keyed(r, o, 0, number);
}

static enum trw_status
record_take(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct reader *r = ctx;
	const struct trw_json *type = trw_json_get(tree, "type");

	const char *id;
	size_t n;

	(void)which;
	if (trw_json_is(type, "indicator") || trw_json_is(type, "file")) {
		if (!trw_json_text(trw_json_get(tree, "id"), &id, &n) || n == 0 || n > ID_MAX)
			return trw_list_reject(r->list, "record", number, "no id", err);
		return trw_json_is(type, "file") ? file_take(r, tree, number, err)
						 : indicator_take(r, tree, number, err);
	}
	if (!trw_json_is(type, "marking-definition") || !definition_take(r, tree))
		trw_list_leave(r->list, "objects that are neither indicators nor files", 1);
	return TRW_OK;
}

static enum trw_status
stix_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	return trw_json_each(l, "objects.*", record_take, &r, err);
}

static enum trw_claim
stix_probe(const struct trw_head *head)
{
	char room[32];
	const char *value;

	return trw_json_head_has(head->p, head->n, "type", room, sizeof(room), &value) &&
			       value != NULL && strcmp(value, "bundle") == 0
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_stix = {
	.name = "stix",
	.summary = "STIX 2.1 bundles: indicators of files",
	.probe = stix_probe,
	.read = stix_read,
	.write = trw_stix_write,
};
