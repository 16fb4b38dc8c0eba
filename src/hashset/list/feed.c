/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/feed.h"

#include "base/alloc.h"
#include "hashset/list/syntax/json.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX ((size_t)1 << 20)

struct event {
	char *name; /* owned; of its file */
	uint8_t sha256[32];
	bool has_sha256; /* the manifest says it */
};

struct names {
	struct event *v; /* owned */
	size_t n, cap;
	bool has_manifest;
};

static bool
is_event(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0;
}

static void
names_clear(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].name);
	free(names->v);
}

/* Takes over name, which may be NULL: then err is filled. */
static enum trw_status
name_add(struct names *names, char *name, struct trw_err *err)
{
	struct event *v = trw_grow(names->v, names->n, &names->cap, sizeof(*v), EVENTS_MAX, err);

	if (v == NULL) {
		free(name);
		return trw_fail_in(err, "events of the feed");
	}
	names->v = v;
	if (name == NULL)
		return TRW_ENOMEM;
	names->v[names->n++] = (struct event){.name = name};
	return TRW_OK;
}

static enum trw_status
names_read(const char *folder, struct names *names, struct trw_err *err)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	enum trw_status st = TRW_OK;

	if (dir == NULL)
		return trw_fail_errno(err, errno, "%s: cannot read the folder", folder);
	while (st == TRW_OK && (errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, "manifest.json") == 0)
			names->has_manifest = true;
		else if (is_event(entry->d_name))
			st = name_add(names, trw_strdup(entry->d_name, err), err);
	}
	if (st == TRW_OK && errno != 0)
		st = trw_fail_errno(err, errno, "%s: cannot read the folder", folder);
	(void)closedir(dir);
	return st;
}

static int
by_name(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
names_sort(struct names *names)
{
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
}

/* ---- what the manifest lists: an object whose keys are the UUIDs of events ---- */

static enum trw_status
sum_take(struct event *e, const struct trw_json *sum, struct trw_err *err)
{
	const char *text = "";
	size_t n = 0;

	if (sum == NULL || sum->type == TRW_JSON_NULL)
		return TRW_OK;
	e->has_sha256 = trw_json_text(sum, &text, &n) && n == 2 * sizeof(e->sha256) &&
			trw_hash_unhex(text, n, e->sha256);
	return e->has_sha256
		       ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT,
				 "the integrity:sha256 of %s is no SHA-256: get the feed again",
				 e->name);
}

static enum trw_status
manifest_take(void *ctx, const struct trw_json *tree, struct trw_err *err)
{
	struct names *listed = ctx;
	enum trw_status st = TRW_OK;

	for (const struct trw_json *v = tree->child; st == TRW_OK && v != NULL; v = v->next) {
		if (v->key == NULL)
			continue;
		st = name_add(listed, trw_format(err, "%s.json", v->key), err);
		if (st == TRW_OK)
			st = sum_take(&listed->v[listed->n - 1],
				trw_json_get(v, "integrity:sha256"), err);
	}
	return st;
}

static enum trw_status
manifest_read(const char *folder, struct names *listed, struct trw_err *err)
{
	static const char *const none[] = {NULL};
	static const char *const skips[] = {"Orgc", "Tag", "info", "date", "analysis",
		"threat_level_id", "timestamp", "publish_timestamp", "integrity:pgp", NULL};
	static const struct trw_json_plan plan = {.records = none, .skips = skips};
	const struct trw_json_calls calls = {.ctx = listed, .rest = manifest_take};
	struct trw_list_options options = {0};
	struct trw_list_report ignored = {0};
	struct trw_list list = {.options = &options, .report = &ignored};
	char *path = trw_format(err, "%s/manifest.json", folder);
	enum trw_status st =
		path == NULL ? TRW_ENOMEM : trw_input_open(path, NULL, folder, &list.input, err);

	if (st == TRW_OK && (st = trw_json_read(&list, &plan, &calls, err)) < 0)
		st = trw_fail_in(err, "%s", path);
	names_sort(listed);
	trw_input_close(list.input);
	free(path);
	return st;
}

/*
 * Of the files those that are listed, and all of those, with what the list says of them. Both are
 * sorted.
 */
static enum trw_status
names_match(struct names *names, const struct names *listed, uint64_t *n_unlisted,
	const char *folder, struct trw_err *err)
{
	size_t n = 0, n_missing = listed->n;

	for (size_t i = 0, k = 0; i < names->n; i++) {
		char *name = names->v[i].name;
		while (k < listed->n && strcmp(listed->v[k].name, name) < 0)
			k++;
		bool is_listed = k < listed->n && strcmp(listed->v[k].name, name) == 0;
		names->v[i].name = NULL;
		if (is_listed) {
			names->v[n] = listed->v[k];
			names->v[n++].name = name;
			n_missing--;
		} else {
			free(name);
			++*n_unlisted;
		}
	}
	names->n = n;
	return n_missing == 0
		       ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT,
				 "%s: %zu of the %zu events of its manifest.json are not there: get the "
				 "feed again, or name the files that there are",
				 folder, n_missing, listed->n);
}

enum trw_status
trw_feed_each(const char *folder, trw_feed_take take, void *ctx, uint64_t *n_unlisted,
	struct trw_err *err)
{
	struct names names = {0}, listed = {0};
	enum trw_status st = names_read(folder, &names, err);

	*n_unlisted = 0;
	if (st == TRW_OK && !names.has_manifest)
		st = trw_fail(err, TRW_EUSAGE,
			"%s: a folder without the manifest.json of a MISP feed: name the list itself",
			folder);
	names_sort(&names);
	if (st == TRW_OK)
		st = manifest_read(folder, &listed, err);
	if (st == TRW_OK)
		st = names_match(&names, &listed, n_unlisted, folder, err);
	for (size_t i = 0; st == TRW_OK && i < names.n; i++) {
		const struct event *e = &names.v[i];
		char *path = trw_format(err, "%s/%s", folder, e->name);
		st = path == NULL ? TRW_ENOMEM
				  : take(ctx, path, e->has_sha256 ? e->sha256 : NULL, err);
		free(path);
	}
	names_clear(&names);
	names_clear(&listed);
	return st;
}
