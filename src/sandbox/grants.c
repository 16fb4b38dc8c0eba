/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/grants.h"

#include "base/alloc.h"
#include "base/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GRANTS_MAX ((size_t)1 << 17)

enum trw_status
trw_grant_add(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err)
{
	void *v = trw_grow(grants->v, grants->n, &grants->cap, sizeof(*grants->v), GRANTS_MAX, err);
	char *copy;

	if (v == NULL)
		return trw_fail_in(err, "paths that may be used");
	grants->v = v;
	copy = trw_strdup(path, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	grants->v[grants->n++] = (struct trw_grant){.path = copy, .right = right};
	return TRW_OK;
}

void
trw_grants_clear(struct trw_grants *grants)
{
	for (size_t i = 0; i < grants->n; i++)
		free(grants->v[i].path);
	free(grants->v);
	*grants = (struct trw_grants){0};
}

/* Heap. The folder of "a/b/" is "a", as the folder of "a/b" is. */
static char *
folder_of(const char *path, struct trw_err *err)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n == 0 ? trw_strdup(".", err) : trw_format(err, "%.*s", (int)n, path);
}

enum trw_status
trw_grant_folder_of(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err)
{
	char *folder = folder_of(path, err);
	enum trw_status status =
		folder == NULL ? TRW_ENOMEM : trw_grant_add(grants, folder, right, err);

	free(folder);
	return status;
}

/* A link to a file. Not every file system says in its folders what an entry is. */
static bool
is_link(const struct dirent *entry, const char *path)
{
	struct stat about;

	if (entry->d_type == DT_UNKNOWN && (lstat(path, &about) != 0 || !S_ISLNK(about.st_mode)))
		return false;
	return stat(path, &about) == 0 && !S_ISDIR(about.st_mode);
}

static enum trw_status
add_links(struct trw_grants *grants, const char *folder, struct trw_err *err)
{
	DIR *dir = opendir(folder);
	enum trw_status status = TRW_OK;
	const struct dirent *entry;

	while (dir != NULL && status == TRW_OK && (entry = readdir(dir)) != NULL) {
		char *path;
		if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
			continue;
		path = trw_format(err, "%s/%s", folder, entry->d_name);
		if (path == NULL)
			status = TRW_ENOMEM;
		else if (is_link(entry, path))
			status = trw_grant_add(grants, path, TRW_RIGHT_READ, err);
		free(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return status;
}

enum trw_status
trw_grant_beside(struct trw_grants *grants, const char *path, struct trw_err *err)
{
	struct stat about;
	bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
	char *folder = is_folder ? trw_strdup(path, err) : folder_of(path, err);
	enum trw_status status = folder == NULL ? TRW_ENOMEM : TRW_OK;

	if (status == TRW_OK)
		status = trw_grant_add(grants, path, TRW_RIGHT_READ, err);
	if (status == TRW_OK)
		status = trw_grant_add(grants, folder, TRW_RIGHT_READ, err);
	if (status == TRW_OK)
		status = add_links(grants, folder, err);
	free(folder);
	return status;
}
