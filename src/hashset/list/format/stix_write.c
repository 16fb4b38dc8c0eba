/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A STIX 2.1 bundle (OASIS STIX 2.1, sections 3.6, 4.7 and 7.2): an indicator for each entry, whose
 * pattern is one file with all of its digests. Ids are UUIDs of the list's id and the digests
 * (uuid.h), so that a new export has the old ids; times are those of the entry's properties, or
 * trw_stamp_none. Marks of TLP are the standard's own objects, others statements.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/marks.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/stamp.h"
#include "hashset/list/syntax/uuid.h"

#include "base/text.h"

#include <string.h>

struct stix {
	struct trw_export *x;
	struct trw_losses losses;
	struct trw_uuid list; /* the namespace of its ids */
	struct trw_uuid_twins twins;
	char defined[TRW_MARKS_MAX][TRW_UUID_TEXT]; /* marking definitions that are in the bundle */
	size_t n_defined;
	uint64_t n_objects;
};

static const struct {
	enum trw_hash_kind kind;
	const char *name; /* in a pattern */
} digests[] = {{TRW_HASH_MD5, "MD5"}, {TRW_HASH_SHA1, "'SHA-1'"}, {TRW_HASH_SHA256, "'SHA-256'"},
	{TRW_HASH_SHA512, "'SHA-512'"}, {TRW_HASH_SHA224, "'SHA-224'"},
	{TRW_HASH_SHA384, "'SHA-384'"}};

#define TLP_1(upper, lower)                                                                        \
	"2017-01-20T00:00:00.000Z\",\"definition_type\":\"tlp\",\"name\":\"TLP:" upper             \
	"\",\"definition\":{\"tlp\":\"" lower "\"}}"
#define TLP_2(upper, lower)                                                                        \
	"2022-10-01T00:00:00.000Z\",\"name\":\"TLP:" upper                                         \
	"\",\"extensions\":{\"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":{"      \
	"\"extension_type\":\"property-extension\",\"tlp_2_0\":\"" lower "\"}}}"

/*
 * STIX 2.1, section 7.2.1.4; TLP 2's "clear" is TLP 1's "white", and only what TLP 1 lacks is TLP
 * 2's (OASIS, STIX common objects).
 */
static const struct {
	const char *mark, *id;
	const char *definition; /* the object, behind "created":" */
} tlp[] = {
	{"tlp:white", "613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_1("WHITE", "white")},
	{"tlp:clear", "613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_1("WHITE", "white")},
	{"tlp:green", "34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_1("GREEN", "green")},
	{"tlp:amber", "f88d31f6-486f-44da-b317-01333bde0b82", TLP_1("AMBER", "amber")},
	{"tlp:amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003",
		TLP_2("AMBER+STRICT", "amber+strict")},
	{"tlp:red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_1("RED", "red")},
};

/* The text of the mark's UUID; the row of tlp, or -1. */
static int
mark_id(const char *mark, size_t n, char out[TRW_UUID_TEXT])
{
	struct trw_uuid uuid;

	for (size_t i = 0; i < sizeof(tlp) / sizeof(tlp[0]); i++)
		if (strlen(tlp[i].mark) == n && strncasecmp(tlp[i].mark, mark, n) == 0) {
			memcpy(out, tlp[i].id, TRW_UUID_TEXT);
			return (int)i;
		}
	trw_uuid_v5(&trw_uuid_trowel, mark, n, &uuid);
	trw_uuid_text(&uuid, out);
	return -1;
}

static void
begin_object(struct stix *w)
{
	trw_put_text(w->x->out, "%s\n", w->n_objects++ > 0 ? "," : "");
}

static void
put_definition(struct stix *w, const char *mark, size_t n, int row, const char *id)
{
	begin_object(w);

	trw_put_text(w->x->out,
		"{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-"
		"definition--%s\",\"created\":\"",
		id);
	if (row >= 0) {
		trw_put_text(w->x->out, "%s", tlp[row].definition);
		return;
	}
	trw_put_text(w->x->out,
		"%s\",\"definition_type\":\"statement\",\"definition\":{\"statement\":",
		trw_stamp_none.text);
	trw_put_json(w->x->out, mark, n);
	trw_put(w->x->out, "}}", 2);
}

/* The definitions of marks that are not yet in the bundle. */
static enum trw_status
define_marks(struct stix *w, struct trw_marks marks, struct trw_err *err)
{
	enum trw_status status = TRW_OK;
	const char *mark;
	size_t n;

	while (status == TRW_OK && trw_marks_next(&marks, &mark, &n)) {
		char id[TRW_UUID_TEXT];
		int row = mark_id(mark, n, id);
		size_t i = 0;
		while (i < w->n_defined && strcmp(w->defined[i], id) != 0)
			i++;
		if (i < w->n_defined)
			continue;
		if (i == TRW_MARKS_MAX)
			return trw_fail(err, TRW_ELIMIT, "more than %d different handling marks",
				TRW_MARKS_MAX);
		memcpy(w->defined[w->n_defined++], id, sizeof(id));
		put_definition(w, mark, n, row, id);
	}
	return status;
}

/* Two marks can be one definition, and an entry can have the marks of its list. */
static bool
is_among(struct trw_marks marks, size_t n_marks, const char *id)
{
	const char *mark;
	size_t n;

	for (size_t i = 0; i < n_marks && trw_marks_next(&marks, &mark, &n); i++) {
		char other[TRW_UUID_TEXT];
		(void)mark_id(mark, n, other);
		if (strcmp(other, id) == 0)
			return true;
	}
	return false;
}

static void
put_refs(struct stix *w, const struct trw_marks *all)
{
	struct trw_marks marks = *all;
	const char *mark, *before = ",\"object_marking_refs\":[";
	size_t n, n_before = 0;

	while (trw_marks_next(&marks, &mark, &n)) {
		char id[TRW_UUID_TEXT];
		(void)mark_id(mark, n, id);
		if (is_among(*all, n_before++, id))
			continue;
		trw_put_text(w->x->out, "%s\"marking-definition--%s\"", before, id);
		before = ",";
	}
	if (before[1] == '\0')
		trw_put(w->x->out, "]", 1);
}

static void
put_pattern(struct stix *w, const struct trw_entry *e)
{
	const char *before = ",\"pattern_type\":\"stix\",\"pattern\":\"[";

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		enum trw_hash_kind kind = digests[i].kind;
		if ((e->kinds & TRW_HASH_BIT(kind)) == 0)
			continue;
		trw_put_text(w->x->out, "%sfile:hashes.%s = '", before, digests[i].name);
		trw_put_hex(w->x->out, e->digest[kind], trw_hash_size(kind), false);
		trw_put(w->x->out, "'", 1);
		before = " AND ";
	}
	if (e->size != TRW_SIZE_ABSENT)
		trw_put_text(w->x->out, " AND file:size = %" PRIu64, e->size);
	trw_put(w->x->out, "]\"", 2);
}

/* Counts the properties that went in. */
static void
put_times(struct stix *w, const struct trw_entry *e, uint64_t *n_put)
{
	struct trw_stamp updated, from, until;

	if (trw_stamp_of(e, "updated", &updated))
		++*n_put;
	else
		updated = trw_stamp_none;
	if (trw_stamp_of(e, "valid_from", &from))
		++*n_put;
	else
		from = updated;
	trw_put_text(w->x->out, ",\"created\":\"%s\",\"modified\":\"%s\",\"valid_from\":\"%s\"",
		updated.text, updated.text, from.text);
	/* The standard wants it later. */
	if (trw_stamp_of(e, "valid_until", &until) && until.s > from.s) {
		++*n_put;
		trw_put_text(w->x->out, ",\"valid_until\":\"%s\"", until.text);
	}
}

static void
count(struct stix *w, const struct trw_entry *e, uint64_t n_put)
{
	w->x->n_written++;
	trw_losses_add(&w->losses, e, TRW_HASH_OF_FILES, TRW_CARRIES_SIZE | TRW_CARRIES_PROPERTIES);
	w->losses.n_properties += e->n_properties - n_put;
}

static enum trw_status
put_indicator(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct stix *w = ctx;
	uint64_t n_put = trw_export_property(e, "marks") != NULL;
	uint64_t nth = trw_uuid_twin(&w->twins, e);
	struct trw_uuid uuid;
	char id[TRW_UUID_TEXT];

	if ((e->kinds & TRW_HASH_OF_FILES) == 0) {
		w->losses.n_without++;
		return TRW_OK;
	}
	trw_uuid_of_entry(&w->list, e, nth, &uuid);
	trw_uuid_text(&uuid, id);
	enum trw_status status = define_marks(w, (struct trw_marks){.entry = e}, err);
	if (status < 0)
		return status;
	begin_object(w);
	trw_put_text(w->x->out,
		"{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%s\"", id);
	put_times(w, e, &n_put);
	put_pattern(w, e);
	put_refs(w, &(struct trw_marks){.set = w->x->set, .entry = e});
	count(w, e, n_put);
	trw_put(w->x->out, "}", 1);
	return w->x->out->status;
}

/* A new content is a new bundle; its objects keep their ids. */
static void
put_head(struct stix *w)
{
	const struct trw_set_info *info = trw_set_info(w->x->set);
	struct trw_uuid bundle;
	char id[TRW_UUID_TEXT];

	trw_uuid_v5(&trw_uuid_trowel, info->id, strlen(info->id), &w->list);
	trw_uuid_v5(&w->list, info->identity, 32, &bundle);
	trw_uuid_text(&bundle, id);
	trw_put_text(w->x->out, "{\"type\":\"bundle\",\"id\":\"bundle--%s\",\"objects\":[", id);
}

enum trw_status
trw_stix_write(struct trw_export *x, struct trw_err *err)
{
	struct stix w = {.x = x, .losses.has_marks = true};
	enum trw_status status;

	if (trw_set_info(x->set)->class == TRW_SET_KNOWN_GOOD)
		return trw_fail(err, TRW_EUSAGE,
			"a known-good set is no threat: others would raise an alert at each of its "
			"files");
	put_head(&w);
	status = define_marks(&w, (struct trw_marks){.set = x->set}, err);
	if (status == TRW_OK)
		status = trw_rows_each(x->set, TRW_HASH_N, put_indicator, &w, err);
	trw_put(x->out, "\n]}\n", 4);
	if (status == TRW_OK)
		trw_losses_tell(&w.losses, "entries without a digest of a file", x);
	return status;
}
