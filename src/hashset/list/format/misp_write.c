/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A MISP feed as PyMISP's feed-generator writes it (MISP core format: github.com/MISP/misp-rfc):
 * manifest.json, an event for each EVENT_ENTRIES entries with an object "file" for each, and
 * hashes.csv, the cache of MD5s of the values' texts.
 *
 * UUIDs are those of names (uuid.h): the event's of list, version, content and number, an object's
 * of its event and digests, an attribute's of its object and relation. They hang on the event
 * because MISP takes an attribute whose UUID it has in another event for known, and drops it. Times
 * are the latest "updated" of the set.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/marks.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/stamp.h"
#include "hashset/list/syntax/uuid.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_ENTRIES 50000
#define TEMPLATE                                                                                    \
	"\"name\":\"file\",\"meta-category\":\"file\",\"template_uuid\":\"688c46fb-5edb-40a3-8273-" \
	"1af7923e2215\",\"template_version\":\"25\""

struct misp {
	struct trw_export *x;
	struct trw_losses losses;
	struct trw_put_file manifest, hashes, event;
	struct trw_digester digester; /* of the event's file */
	char *info;                   /* owned; of the event */
	struct trw_stamp stamp;
	struct trw_uuid event_uuid;
	char event_text[TRW_UUID_TEXT];
	uint64_t n_events, n_in_event;
	struct trw_uuid_twins twins;
};

/* An attribute of the object at hand. */
struct attribute {
	struct trw_uuid object;
	const struct trw_entry *entry; /* for its marks */
	bool is_first;
};

static const struct {
	const char *property, *type, *relation;
} texts[] = {{"mime", "mime-type", "mimetype"}, {"ssdeep", "ssdeep", "ssdeep"},
	{"tlsh", "tlsh", "tlsh"}};

static bool
is_mark(const char *mark, size_t n, const char *prefix, const char *value)
{
	size_t n_prefix = strlen(prefix);

	return n == n_prefix + strlen(value) && strncasecmp(mark, prefix, n_prefix) == 0 &&
	       strncasecmp(mark + n_prefix, value, n - n_prefix) == 0;
}

/* As MISP's taxonomies have them. */
static const char *
colour(const char *mark, size_t n)
{
	static const char *const colours[][2] = {{"red", "#ff2b2b"}, {"amber", "#ffc000"},
		{"amber+strict", "#ffc000"}, {"green", "#33ff00"}, {"clear", "#ffffff"},
		{"white", "#ffffff"}};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (is_mark(mark, n, "tlp:", colours[i][0]) ||
			is_mark(mark, n, "pap:", colours[i][0]))
			return colours[i][1];
	return "#808080";
}

/* The taxonomy's spelling: "tlp:amber", but "PAP:RED". */
static void
put_mark(struct trw_put *out, const char *mark, size_t n)
{
	char name[64];

	if (n < sizeof(name) && n > 4 && strncasecmp(mark, "pap:", 4) == 0) {
		for (size_t i = 0; i < n; i++)
			name[i] = (char)(mark[i] >= 'a' && mark[i] <= 'z' ? mark[i] - 'a' + 'A'
									  : mark[i]);
		mark = name;
	}
	trw_put_json(out, mark, n);
}

/* ,"Tag":[...], or nothing. */
static void
put_tags(struct trw_put *out, struct trw_marks marks)
{
	const char *mark, *before = ",\"Tag\":[";
	size_t n;

	while (trw_marks_next(&marks, &mark, &n)) {
		trw_put_text(out, "%s{\"name\":", before);
		put_mark(out, mark, n);
		trw_put_text(out, ",\"colour\":\"%s\"}", colour(mark, n));
		before = ",";
	}
	if (before[1] == '\0')
		trw_put(out, "]", 1);
}

/* What manifest and event say alike. */
static void
put_summary(struct misp *w, struct trw_put *out)
{
	struct trw_uuid author;
	char author_text[TRW_UUID_TEXT];

	trw_uuid_v5(&trw_uuid_trowel, "misp-orgc", 9, &author);
	trw_uuid_text(&author, author_text);
	trw_put_text(out,
		"\"Orgc\":{\"name\":\"trowel\",\"uuid\":\"%s\"},\"date\":\"%.10s\","
		"\"analysis\":\"2\",\"threat_level_id\":\"4\",\"timestamp\":\"%" PRId64
		"\",\"info\":",
		author_text, w->stamp.text, w->stamp.s);
	trw_put_json(out, w->info, strlen(w->info));
	put_tags(out, (struct trw_marks){.set = w->x->set});
}

static void
name_event(struct misp *w)
{
	const struct trw_set_info *info = trw_set_info(w->x->set);
	char name[2 * 32 + 32];

	trw_hex(info->identity, 32, name);
	(void)snprintf(name + 64, sizeof(name) - 64, " %" PRIu64, w->n_events);
	trw_uuid_v5(&trw_uuid_trowel, name, strlen(name), &w->event_uuid);
	trw_uuid_text(&w->event_uuid, w->event_text);
}

static enum trw_status
begin_event(struct misp *w, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(w->x->set);
	char name[TRW_UUID_TEXT + 8];
	enum trw_status status;

	w->n_events++;
	name_event(w);
	free(w->info);
	w->info = trw_format(err, "%s%s%s, part %" PRIu64,
		info->name[0] != '\0' ? info->name : info->id, info->version[0] != '\0' ? ", " : "",
		info->version, w->n_events);
	if (w->info == NULL)
		return TRW_ENOMEM;
	(void)snprintf(name, sizeof(name), "%s.json", w->event_text);
	status = trw_put_file_open(w->x->folder, name, &w->event, err);
	if (status < 0)
		return status;
	trw_digest_start(&w->digester, TRW_SHA256);
	w->event.output.digester = &w->digester;
	trw_put_text(&w->event.put, "{\"Event\":{\"uuid\":\"%s\",", w->event_text);
	put_summary(w, &w->event.put);
	trw_put_text(&w->event.put,
		",\"publish_timestamp\":\"%" PRId64
		"\",\"published\":true,\"Attribute\":[],\"Object\":[",
		w->stamp.s);
	return w->event.put.status;
}

static enum trw_status
end_event(struct misp *w, struct trw_err *err)
{
	struct trw_digests digests;
	char sha256[65];
	enum trw_status status;

	if (w->n_in_event == 0)
		return TRW_OK;
	w->n_in_event = 0;
	trw_put_text(&w->event.put, "\n]}}\n");
	status = trw_put_file_finish(&w->event, err);
	if (status < 0)
		return status;
	trw_digest_finish(&w->digester, &digests);
	trw_hex(digests.sha256, 32, sha256);
	trw_put_text(&w->manifest.put, "%s\n\"%s\":{", w->n_events > 1 ? "," : "", w->event_text);
	put_summary(w, &w->manifest.put);
	trw_put_text(&w->manifest.put, ",\"integrity:sha256\":\"%s\"}", sha256);
	return w->manifest.put.status;
}

/* value is UTF-8. */
static void
put_hash(struct misp *w, const char *value, size_t n)
{
	struct trw_digester digester;
	struct trw_digests digests;

	trw_digest_start(&digester, TRW_MD5);
	trw_digest_update(&digester, value, n);
	trw_digest_finish(&digester, &digests);
	trw_put_hex(&w->hashes.put, digests.md5, 16, false);
	trw_put_text(&w->hashes.put, ",%s\n", w->event_text);
}

static void
put_attribute(struct misp *w, struct attribute *a, const char *type, const char *relation,
	const char *value, size_t n)
{
	bool is_digest = trw_hash_named(relation, strlen(relation)) != TRW_HASH_N;
	bool is_size = strcmp(relation, "size-in-bytes") == 0;
	struct trw_uuid uuid;
	char text[TRW_UUID_TEXT];

	trw_uuid_v5(&a->object, relation, strlen(relation), &uuid);
	trw_uuid_text(&uuid, text);
	trw_put_text(&w->event.put,
		"%s{\"uuid\":\"%s\",\"type\":\"%s\",\"category\":\"%s\",\"to_ids\":%s,"
		"\"comment\":\"\",\"timestamp\":\"%" PRId64
		"\",\"disable_correlation\":%s,\"deleted\":false,\"object_relation\":\"%s\","
		"\"value\":",
		a->is_first ? "" : ",", text, type, is_size ? "Other" : "Payload delivery",
		is_digest ? "true" : "false", w->stamp.s, is_digest ? "false" : "true", relation);
	a->is_first = false;
	trw_put_json(&w->event.put, value, n);
	put_tags(&w->event.put, (struct trw_marks){.entry = a->entry});
	trw_put(&w->event.put, "}", 1);
	put_hash(w, value, n);
}

static void
put_digests(struct misp *w, struct attribute *a)
{
	for (unsigned k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		char hex[2 * TRW_HASH_SIZE_MAX + 1];
		if ((a->entry->kinds & TRW_HASH_OF_FILES & TRW_HASH_BIT(k)) == 0)
			continue;
		trw_hex(a->entry->digest[k], trw_hash_size(kind), hex);
		put_attribute(w, a, trw_hash_name(kind), trw_hash_name(kind), hex,
			2 * trw_hash_size(kind));
	}
}

/* Raw bytes: what is not UTF-8 becomes U+FFFD, in the value and in its cache line alike. */
static void
put_file_name(struct misp *w, struct attribute *a)
{
	struct trw_put *out = &w->event.put;
	char *name =
		trw_utf8_display((const uint8_t *)a->entry->name, a->entry->name_len, out->err);

	if (name == NULL)
		out->status = TRW_ENOMEM;
	else
		put_attribute(w, a, "filename", "filename", name, strlen(name));
	free(name);
}

static void
put_attributes(struct misp *w, struct attribute *a, uint64_t *n_put)
{
	const struct trw_entry *e = a->entry;
	char size[24];

	put_digests(w, a);
	if (e->name_len > 0)
		put_file_name(w, a);
	if (e->size != TRW_SIZE_ABSENT) {
		int n = snprintf(size, sizeof(size), "%" PRIu64, e->size);
		put_attribute(w, a, "size-in-bytes", "size-in-bytes", size, (size_t)n);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct trw_property *p = trw_export_property(e, texts[i].property);
		if (p == NULL)
			continue;
		++*n_put;
		put_attribute(w, a, texts[i].type, texts[i].relation, p->value, p->value_len);
	}
}

static void
count(struct misp *w, const struct trw_entry *e, uint64_t n_put)
{
	w->x->n_written++;
	w->n_in_event++;
	trw_losses_add(&w->losses, e, TRW_HASH_OF_FILES,
		TRW_CARRIES_SIZE | TRW_CARRIES_NAME | TRW_CARRIES_PROPERTIES);
	w->losses.n_properties +=
		e->n_properties - n_put - (trw_export_property(e, "marks") != NULL);
	w->losses.n_bent +=
		e->name_len > 0 && !trw_utf8_valid((const uint8_t *)e->name, e->name_len);
}

static enum trw_status
put_object(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct misp *w = ctx;
	struct attribute a = {.entry = e, .is_first = true};
	const struct trw_property *comment = trw_export_property(e, "comments");
	uint64_t n_put = comment != NULL, nth = trw_uuid_twin(&w->twins, e);
	char text[TRW_UUID_TEXT];
	enum trw_status status = TRW_OK;

	if ((e->kinds & TRW_HASH_OF_FILES) == 0) {
		w->losses.n_without++;
		return TRW_OK;
	}
	if (w->n_in_event == EVENT_ENTRIES)
		status = end_event(w, err);
	if (status == TRW_OK && w->n_in_event == 0)
		status = begin_event(w, err);
	if (status < 0)
		return status;
	trw_uuid_of_entry(&w->event_uuid, e, nth, &a.object);
	trw_uuid_text(&a.object, text);
	trw_put_text(&w->event.put,
		"%s\n{" TEMPLATE ",\"uuid\":\"%s\",\"timestamp\":\"%" PRId64 "\",\"comment\":",
		w->n_in_event > 0 ? "," : "", text, w->stamp.s);
	trw_put_json(&w->event.put, comment != NULL ? comment->value : "",
		comment != NULL ? comment->value_len : 0);
	trw_put_text(&w->event.put, ",\"Attribute\":[");
	put_attributes(w, &a, &n_put);
	count(w, e, n_put);
	trw_put(&w->event.put, "]}", 2);
	return w->event.put.status < 0 ? w->event.put.status : w->hashes.put.status;
}

static enum trw_status
write_feed(struct misp *w, struct trw_err *err)
{
	enum trw_status status = trw_stamp_latest(w->x->set, &w->stamp, err);

	if (status == TRW_OK)
		status = trw_put_file_open(w->x->folder, "hashes.csv", &w->hashes, err);
	if (status == TRW_OK)
		status = trw_put_file_open(w->x->folder, "manifest.json", &w->manifest, err);
	if (status < 0)
		return status;
	trw_put(&w->manifest.put, "{", 1);
	status = trw_rows_each(w->x->set, TRW_HASH_N, put_object, w, err);
	if (status == TRW_OK)
		status = end_event(w, err);
	trw_put(&w->manifest.put, "\n}\n", 3);
	if (status == TRW_OK)
		status = trw_put_file_finish(&w->manifest, err);
	return status == TRW_OK ? trw_put_file_finish(&w->hashes, err) : status;
}

enum trw_status
trw_misp_write(struct trw_export *x, struct trw_err *err)
{
	struct misp w = {.x = x, .losses.has_marks = true};
	enum trw_status status;

	if (trw_set_info(x->set)->class == TRW_SET_KNOWN_GOOD)
		return trw_fail(err, TRW_EUSAGE,
			"a known-good set is no threat: others would raise an alert at each of its "
			"files");
	status = write_feed(&w, err);
	trw_put_file_abandon(&w.event);
	trw_put_file_abandon(&w.manifest);
	trw_put_file_abandon(&w.hashes);
	free(w.info);
	if (status == TRW_OK)
		trw_losses_tell(&w.losses, "entries without a digest of a file", x);
	return status;
}
