/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/feed.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX ((size_t)1 << 20)

struct names {
	char **v; /* owned */
	size_t n, cap;
	bool has_manifest;
};

static bool
is_event(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0;
}

static enum trw_status
name_add(struct names *names, const char *name, struct trw_err *err)
{
	char *copy;
	char **v = trw_grow(names->v, names->n, &names->cap, sizeof(*v), EVENTS_MAX, err);

	if (v == NULL)
		return trw_fail_in(err, "events of the feed");
	names->v = v;
	copy = trw_strdup(name, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	names->v[names->n++] = copy;
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
			st = name_add(names, entry->d_name, err);
	}
	if (st == TRW_OK && errno != 0)
		st = trw_fail_errno(err, errno, "%s: cannot read the folder", folder);
	(void)closedir(dir);
	return st;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum trw_status
trw_feed_each(const char *folder,
	enum trw_status (*take)(void *ctx, const char *path, struct trw_err *err), void *ctx,
	struct trw_err *err)
{
	struct names names = {0};
	enum trw_status st = names_read(folder, &names, err);

	if (st == TRW_OK && !names.has_manifest)
		st = trw_fail(err, TRW_EUSAGE,
			"%s: a folder without the manifest.json of a MISP feed: name the list itself",
			folder);
	if (st == TRW_OK && names.n > 1)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; st == TRW_OK && i < names.n; i++) {
		char *path = trw_format(err, "%s/%s", folder, names.v[i]);
		st = path == NULL ? TRW_ENOMEM : take(ctx, path, err);
		free(path);
	}
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i]);
	free(names.v);
	return st;
}
