/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NCMEC's hash sharing, version 2 (namespace https://hashsharing.ncmec.org/hashsharing/v2). The XML
 * is read as a stream; names count without their prefix. A record is an image, video, deletedImage
 * or deletedVideo; its key is the member, the id, and which of image and video it is.
 *
 *     queryResult / images, videos / record / member, id, timestamp, classification
 *                                           / fingerprints / md5, sha1, pdna, pdq, ...
 *                                           / feedback / affirmativeFeedback / ... / member
 *                                                      / negativeFeedback / ... / member
 *
 * A document type is refused: the format has none, and without one there are no entities that could
 * expand.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/exchange.h"

#include "base/buf.h"
#include "base/cancel.h"

#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 32
#define TEXT_MAX ((size_t)16 << 10)  /* of an element; longer is cut, and its record rejected */
#define TOKEN_MAX ((size_t)1 << 20)  /* a tag that does not end */
#define PIECE_MAX ((size_t)64 << 10) /* bytes for expat at once */
#define FIELD_MAX 256                /* of what the key is made of */
#define RECORD_DEPTH 3               /* queryResult, images, image */
#define PROPERTIES_AT_END 3          /* that a record gets when it ends */

enum record { NO_RECORD, IMAGE, VIDEO, DELETED_IMAGE, DELETED_VIDEO };
enum place { ELSEWHERE, FINGERPRINTS, FEEDBACK };

struct field {
	char text[FIELD_MAX];
	size_t n;
};

struct ncmec {
	struct trw_list *l;
	XML_Parser parser;
	struct trw_err *err;
	enum trw_status status; /* below 0: stopped from a callback, err is filled */
	unsigned depth;
	enum record record;
	enum place place;
	uint64_t n_records;
	struct field member, id, stamp;
	uint64_t n_for, n_against; /* members that agree with the record, or not */
	bool is_against, has_href;
	struct trw_buf text; /* of the element that is open */
};

static void
stop(struct ncmec *n, enum trw_status status)
{
	if (n->status == TRW_OK)
		n->status = status;
	(void)XML_StopParser(n->parser, XML_FALSE);
}

static const char *
local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static enum record
record_of(const char *name)
{
	static const char *const names[] = {"", "image", "video", "deletedImage", "deletedVideo"};

	for (int i = IMAGE; i <= DELETED_VIDEO; i++)
		if (strcmp(names[i], name) == 0)
			return (enum record)i;
	return NO_RECORD;
}

static void
set_field(struct ncmec *n, struct field *f, const char *p, size_t len)
{
	if (len > sizeof(f->text)) {
		trw_draft_refuse(n->l->draft, "a member, id or timestamp that is too long");
		return;
	}
	memcpy(f->text, p, len);
	f->n = len;
}

static const char *
attribute(const char **attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(local(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}

static void
start_record(struct ncmec *n, enum record record)
{
	n->record = record;
	n->n_records++;
	n->place = ELSEWHERE;
	n->member.n = n->id.n = n->stamp.n = 0;
	n->n_for = n->n_against = 0;
	trw_draft_begin(n->l, n->err);
}

static void XMLCALL
on_start(void *ctx, const char *qualified, const char **attributes)
{
	struct ncmec *n = ctx;
	const char *name = local(qualified), *value;

	if (n->status < 0)
		return;
	if (++n->depth > DEPTH_MAX) {
		stop(n, trw_fail(n->err, TRW_ELIMIT, "%s: line %lu: nested deeper than %d",
				trw_input_name(n->l->input),
				(unsigned long)XML_GetCurrentLineNumber(n->parser), DEPTH_MAX));
		return;
	}
	if (n->depth == 1 && strcmp(name, "queryResult") != 0) {
		stop(n, trw_fail(n->err, TRW_ECORRUPT, "%s: not a queryResult",
				trw_input_name(n->l->input)));
		return;
	}
	n->text.n = 0;
	n->has_href = attribute(attributes, "href") != NULL;
	if (n->depth == RECORD_DEPTH && record_of(name) != NO_RECORD)
		start_record(n, record_of(name));
	if (n->record == NO_RECORD)
		return;
	if (n->depth == RECORD_DEPTH + 1) {
		n->place = strcmp(name, "fingerprints") == 0 ? FINGERPRINTS
			   : strcmp(name, "feedback") == 0   ? FEEDBACK
							     : ELSEWHERE;
		if (strcmp(name, "member") == 0 && (value = attribute(attributes, "id")) != NULL)
			set_field(n, &n->member, value, strlen(value));
	} else if (n->place == FEEDBACK) {
		if (strcmp(name, "affirmativeFeedback") == 0)
			n->is_against = false;
		else if (strcmp(name, "negativeFeedback") == 0)
			n->is_against = true;
		else if (strcmp(name, "member") == 0)
			(*(n->is_against ? &n->n_against : &n->n_for))++;
	}
}

static void XMLCALL
on_text(void *ctx, const char *p, int len)
{
	struct ncmec *n = ctx;

	if (n->status < 0 || n->record == NO_RECORD || len <= 0)
		return;
	if (n->text.n + (size_t)len > TEXT_MAX)
		trw_draft_refuse(n->l->draft, "a text that is too long");
	else if (trw_buf_put(&n->text, p, (size_t)len, n->err) < 0)
		stop(n, TRW_ENOMEM);
}

static void
trim(const char **p, size_t *n)
{
	while (*n > 0 && strchr(" \t\r\n", (*p)[0]) != NULL) {
		(*p)++;
		(*n)--;
	}
	while (*n > 0 && strchr(" \t\r\n", (*p)[*n - 1]) != NULL)
		(*n)--;
}

static void
put_property(struct ncmec *n, const char *name, const char *p, size_t len)
{
	if (n->l->draft->entry.n_properties < TRW_PROPERTIES_MAX - PROPERTIES_AT_END)
		trw_draft_property(n->l->draft, name, p, len);
	else
		trw_draft_refuse(n->l->draft, "more values than an entry can have");
}

/*
 * A digest that is no good ends a record; a perceptual one of no good is only left out: the others
 * find the file.
 */
static void
take_fingerprint(struct ncmec *n, const char *name, const char *p, size_t len)
{
	enum trw_hash_kind kind = trw_hash_named(name, strlen(name));
	struct trw_draft *d = n->l->draft;

	if (len == 0) {
		if (n->has_href)
			trw_list_leave(n->l, "fingerprints that are elsewhere (href)", 1);
		return;
	}
	if (strcmp(name, "pdna") == 0) {
		put_property(n, "photodna", p, len);
		return;
	}
	if (strcmp(name, "pdq") == 0)
		kind = TRW_HASH_PDQ;
	if (kind == TRW_HASH_N)
		trw_list_leave(n->l, "fingerprints of other kinds", 1);
	else if (kind != TRW_HASH_PDQ)
		trw_draft_digest(d, kind, p, len);
	else if (trw_draft_try_digest(d, kind, p, len) != NULL)
		trw_list_leave(n->l, "PDQ values that are none", 1);
}

static void
take_element(struct ncmec *n, const char *name)
{
	const char *p = (const char *)n->text.v;
	size_t len = n->text.n;

	trim(&p, &len);
	if (n->depth == RECORD_DEPTH + 2 && n->place == FINGERPRINTS)
		take_fingerprint(n, name, p, len);
	if (n->depth != RECORD_DEPTH + 1 || len == 0)
		return;
	if (strcmp(name, "id") == 0)
		set_field(n, &n->id, p, len);
	else if (strcmp(name, "timestamp") == 0)
		set_field(n, &n->stamp, p, len);
	else if (strcmp(name, "member") == 0)
		put_property(n, "source", p, len);
	else if (strcmp(name, "classification") == 0 && len <= TRW_CATEGORY_MAX)
		trw_draft_category(n->l->draft, "NCMEC", 5, p, len);
}

static void
put_count(struct ncmec *n, const char *name, uint64_t count)
{
	char text[24];

	if (count == 0)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64, count);
	trw_draft_property(n->l->draft, name, text, strlen(text));
}

static enum trw_status
end_record(struct ncmec *n)
{
	bool is_deleted = n->record == DELETED_IMAGE || n->record == DELETED_VIDEO;
	bool is_video = n->record == VIDEO || n->record == DELETED_VIDEO;
	int64_t rank = trw_exchange_rank(n->stamp.text, n->stamp.n);
	struct trw_draft *d = n->l->draft;
	char key[2 * FIELD_MAX + 4];
	size_t n_key = 0;

	n->record = NO_RECORD;
	if (n->id.n == 0 || n->member.n == 0)
		trw_draft_refuse(d, "no member or no id");
	key[n_key++] = is_video ? 'v' : 'i';
	memcpy(key + n_key, n->member.text, n->member.n);
	n_key += n->member.n;
	key[n_key++] = '\0';
	memcpy(key + n_key, n->id.text, n->id.n);
	n_key += n->id.n;
	if (is_deleted && !trw_draft_is_bad(d))
		return trw_list_keyed(n->l, key, n_key, rank, NULL, n->err);
	trw_draft_need_digest(d);
	trw_exchange_updated(d, rank);
	put_count(n, "feedback_for", n->n_for);
	put_count(n, "feedback_against", n->n_against);
	return trw_draft_give_keyed(d, "record", n->n_records, key, n_key, rank);
}

static void XMLCALL
on_end(void *ctx, const char *qualified)
{
	struct ncmec *n = ctx;
	enum trw_status status = TRW_OK;

	if (n->status < 0)
		return;
	if (n->record != NO_RECORD && n->depth == RECORD_DEPTH)
		status = end_record(n);
	else if (n->record != NO_RECORD)
		take_element(n, local(qualified));
	if (n->depth == RECORD_DEPTH + 1)
		n->place = ELSEWHERE;
	n->text.n = 0;
	n->depth--;
	if (status < 0)
		stop(n, status);
}

static void XMLCALL
on_doctype(void *ctx, const char *name, const char *system, const char *public, int has_subset)
{
	struct ncmec *n = ctx;

	(void)name, (void)system, (void)public, (void)has_subset;
	stop(n, trw_fail(n->err, TRW_ECORRUPT,
			"%s: line %lu: a document type, which the format "
			"does not have",
			trw_input_name(n->l->input),
			(unsigned long)XML_GetCurrentLineNumber(n->parser)));
}

static enum trw_status
parse(struct ncmec *n, const uint8_t *p, size_t len, bool is_last, uint64_t fed)
{
	enum XML_Error code;
	XML_Index at;

	if (XML_Parse(n->parser, (const char *)p, (int)len, is_last) == XML_STATUS_OK) {
		at = XML_GetCurrentByteIndex(n->parser);
		if (at < 0 || fed - (uint64_t)at <= TOKEN_MAX || is_last)
			return TRW_OK;
		return trw_fail(n->err, TRW_ELIMIT,
			"%s: a tag at byte %" PRIu64 " that does not end",
			trw_input_name(n->l->input), (uint64_t)at);
	}
	if (n->status < 0)
		return n->status;
	code = XML_GetErrorCode(n->parser);
	return trw_fail(n->err, code == XML_ERROR_NO_MEMORY ? TRW_ENOMEM : TRW_ECORRUPT,
		"%s: line %lu: %s", trw_input_name(n->l->input),
		(unsigned long)XML_GetCurrentLineNumber(n->parser), XML_ErrorString(code));
}

static enum trw_status
read_all(struct ncmec *n, struct trw_err *err)
{
	const uint8_t *p;
	uint64_t fed = 0;
	size_t len;
	enum trw_status status;

	while ((status = trw_input_piece(n->l->input, &p, &len, err)) == TRW_OK) {
		while (len > 0) {
			size_t part = len < PIECE_MAX ? len : PIECE_MAX;
			if (trw_is_cancelled())
				return trw_fail(err, TRW_ECANCEL, "interrupted");
			fed += part;
			status = parse(n, p, part, false, fed);
			if (status < 0)
				return status;
			p += part;
			len -= part;
		}
	}
	return status == TRW_END ? parse(n, (const uint8_t *)"", 0, true, fed) : status;
}

static enum trw_status
ncmec_read(struct trw_list *l, struct trw_err *err)
{
	struct trw_err own = {0};
	struct ncmec n = {.l = l, .err = err != NULL ? err : &own};
	enum trw_status status;

	n.parser = XML_ParserCreate(NULL);
	if (n.parser == NULL)
		return trw_fail(err, TRW_ENOMEM, "out of memory");
	XML_SetUserData(n.parser, &n);
	XML_SetElementHandler(n.parser, on_start, on_end);
	XML_SetCharacterDataHandler(n.parser, on_text);
	XML_SetStartDoctypeDeclHandler(n.parser, on_doctype);
	status = read_all(&n, n.err);
	XML_ParserFree(n.parser);
	trw_buf_clear(&n.text);
	return status;
}

/* The name of the outermost element, behind <?...?> and comments. */
static enum trw_claim
ncmec_probe(const struct trw_head *head)
{
	const char *p = (const char *)head->p, *end = p + head->n;

	while (p < end) {
		const char *tag = memchr(p, '<', (size_t)(end - p));
		for (const char *c = p; c < (tag == NULL ? end : tag); c++)
			if (strchr(" \t\r\n", *c) == NULL)
				return TRW_CLAIM_NO;
		if (tag == NULL || end - tag < 2)
			return TRW_CLAIM_NO;
		if (tag[1] != '?' && tag[1] != '!') {
			size_t n = 1, rest = (size_t)(end - tag);
			while (n < rest && strchr(" \t\r\n>/", tag[n]) == NULL)
				n++;
			return n > 11 && memcmp(tag + n - 11, "queryResult", 11) == 0 &&
					       (n == 12 || tag[n - 12] == ':')
				       ? TRW_CLAIM_HEADER
				       : TRW_CLAIM_NO;
		}
		p = memchr(tag, '>', (size_t)(end - tag));
		if (p == NULL)
			return TRW_CLAIM_NO;
		p++;
	}
	return TRW_CLAIM_NO;
}

const struct trw_format trw_format_ncmec = {.name = "ncmec",
	.summary = "NCMEC hash sharing, entries (XML)",
	.probe = ncmec_probe,
	.read = ncmec_read};
