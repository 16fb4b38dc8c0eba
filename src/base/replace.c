/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order is what makes it safe against a loss of power:
 *
 *     write .NAME.PID-N.part     nothing is at the path, or the older one
 *     fsync the .part
 *     give it the name           the older one or the new one, whole; on the disk either may be it
 *     fsync the folder           the new one
 *
 * The name is given by renameat2 with RENAME_NOREPLACE where nothing may be there: looking and renaming are one step for the
 * kernel. File systems without it have link(2), which never replaces either; those without links get an empty file, made
 * with O_EXCL, over which our own is renamed.
 */
#include "base/replace.h"

#include "base/alloc.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_TRIED 100

struct trw_target
trw_target_look(const char *path)
{
	struct trw_target t = {.path = path};
	struct stat about;

	if (lstat(path, &about) == 0) {
		t.replaces = true;
		t.dev = about.st_dev;
		t.ino = about.st_ino;
	}
	return t;
}

/* ---- what is at the path ---- */

static bool
is_named(const struct trw_target *t, const struct stat *about)
{
	return t->replaces && about->st_dev == t->dev && about->st_ino == t->ino;
}

static enum trw_status
kept(const struct trw_replace *r, struct trw_err *err)
{
	return trw_fail(err, TRW_EIO,
		"%s: appeared there while this was written, and is kept: name another place",
		r->path);
}

/* What is there must be what the target names, and of its kind. */
static enum trw_status
place_check(const struct trw_replace *r, struct trw_err *err)
{
	const char *path = r->path;
	struct stat about;

	if (trw_base_name(path)[0] == '\0')
		return trw_fail(err, TRW_EUSAGE, "%s: not a file: name a file to write", path);
	if (lstat(path, &about) != 0)
		return TRW_OK;
	if (!r->is_folder && !S_ISREG(about.st_mode))
		return trw_fail(err, TRW_EUSAGE, "%s: not a file: name a file to write", path);
	if (r->is_folder && !S_ISDIR(about.st_mode))
		return trw_fail(err, TRW_EUSAGE, "%s: not a folder: name a folder to write", path);
	return is_named(&r->target, &about)
		       ? TRW_OK
		       : trw_fail(err, TRW_EUSAGE, "%s: exists already: name another place", path);
}

/* ---- the .part ---- */

static int
temp_make(const struct trw_replace *r)
{
	if (!r->is_folder)
		return open(r->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return mkdir(r->temp, 0700) != 0 ? -1 : open(r->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The names that a killed process leaves are its own: its number is in them. */
static enum trw_status
temp_open(struct trw_replace *r, struct trw_err *err)
{
	const char *path = r->path, *base = trw_base_name(path);

	for (int i = 0; i < NAMES_TRIED; i++) {
		free(r->temp);
		r->temp = trw_format(err, "%.*s.%s.%ld-%d.part", (int)(base - path), path, base,
			(long)getpid(), i);
		if (r->temp == NULL)
			return TRW_ENOMEM;
		r->fd = temp_make(r);
		if (r->fd >= 0)
			return TRW_OK;
		if (errno != EEXIST)
			break;
	}
	int why = errno;
	free(r->temp);
	r->temp = NULL;
	return trw_fail_errno(err, why,
		"%s: cannot write there; make the folder writable or name another place", path);
}

static enum trw_status
start(const struct trw_target *target, bool is_folder, struct trw_replace *out, struct trw_err *err)
{
	char *path = trw_strdup(target->path, err);
	enum trw_status st;

	*out = (struct trw_replace){
		.fd = -1, .target = *target, .path = path, .is_folder = is_folder};
	out->target.path = path;
	if (path == NULL)
		return TRW_ENOMEM;
	for (size_t n = strlen(path); is_folder && n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	st = place_check(out, err);
	if (st == TRW_OK)
		st = temp_open(out, err);
	if (st < 0)
		trw_replace_abandon(out);
	return st;
}

enum trw_status
trw_replace_open(const struct trw_target *target, struct trw_replace *out, struct trw_err *err)
{
	return start(target, false, out, err);
}

enum trw_status
trw_replace_folder(const struct trw_target *target, struct trw_replace *out, struct trw_err *err)
{
	return start(target, true, out, err);
}

/* ---- folders ---- */

bool
trw_target_fits(const char *name, const char *const *patterns)
{
	for (size_t i = 0; patterns[i] != NULL; i++)
		if (fnmatch(patterns[i], name, FNM_PERIOD) == 0)
			return true;
	return false;
}

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* True when all that is in the folder fits. */
static bool
folder_fits(const char *path, const char *const *patterns)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool all = dir != NULL;

	while (all && (entry = readdir(dir)) != NULL)
		all = is_dot(entry->d_name) || trw_target_fits(entry->d_name, patterns);
	if (dir != NULL)
		(void)closedir(dir);
	return all;
}

/* The files that fit (all, when patterns is NULL), and the folder when nothing is left in it. */
static bool
folder_remove(const char *path, const char *const *patterns)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (!is_dot(entry->d_name) &&
			(patterns == NULL || trw_target_fits(entry->d_name, patterns)))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	return rmdir(path) == 0;
}

/* The older folder gets the name of the .part, and goes file by file. */
static enum trw_status
folder_exchange(struct trw_replace *r, struct trw_err *err)
{
	const struct trw_target *t = &r->target;

	if (!folder_fits(t->path, t->files))
		return kept(r, err);
	if (renameat2(AT_FDCWD, r->temp, AT_FDCWD, t->path, RENAME_EXCHANGE) != 0)
		return trw_fail_errno(err, errno,
			"%s: cannot replace a folder there; remove it yourself", t->path);
	if (folder_remove(r->temp, t->files))
		return TRW_OK;
	enum trw_status st = trw_fail(err, TRW_EIO,
		"%s: is replaced, but what appeared in the older folder meanwhile is in %s: look at it",
		t->path, r->temp);
	free(r->temp); /* so that it stays */
	r->temp = NULL;
	return st;
}

/* ---- the last step ---- */

/* An empty one that is surely ours, and the new one over it. 0, or errno. */
static int
put_reserved(const struct trw_replace *r)
{
	const char *path = r->path;
	int fd;

	fd = r->is_folder ? mkdir(path, 0700)
			  : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (!r->is_folder)
		(void)close(fd);
	if (rename(r->temp, path) == 0)
		return 0;
	int why = errno;
	(void)(r->is_folder ? rmdir(path) : unlink(path));
	return why;
}

/* 0, or errno: EEXIST when something is there. */
static int
put_new(const struct trw_replace *r)
{
	if (renameat2(AT_FDCWD, r->temp, AT_FDCWD, r->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return errno;
	if (r->is_folder)
		return put_reserved(r);
	if (link(r->temp, r->path) == 0)
		return unlink(r->temp) == 0 ? 0 : errno;
	return errno == EEXIST ? EEXIST : put_reserved(r);
}

static enum trw_status
put_in_place(struct trw_replace *r, struct trw_err *err)
{
	const struct trw_target *t = &r->target;
	struct stat about;
	int why;

	if (!t->replaces) {
		why = put_new(r);
	} else if (lstat(t->path, &about) == 0 && !is_named(t, &about)) {
		why = EEXIST;
	} else if (r->is_folder && t->files != NULL) {
		return folder_exchange(r, err);
	} else { /* a folder goes over an empty one only */
		why = rename(r->temp, t->path) == 0 ? 0 : errno;
	}
	if (why == EEXIST || why == ENOTEMPTY)
		return kept(r, err);
	return why == 0 ? TRW_OK : trw_fail_errno(err, why, "%s: cannot give it its name", t->path);
}

/* The folder's entry must be on the disk, too. A file system that has no use for this says so, and that is fine. */
static void
folder_sync(const char *path)
{
	char *folder = trw_folder_of(path, NULL);
	int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(folder);
}

enum trw_status
trw_replace_finish(struct trw_replace *r, struct trw_err *err)
{
	enum trw_status st;

	if (fsync(r->fd) != 0 && !(r->is_folder && errno == EINVAL))
		return trw_fail_errno(err, errno, "%s: cannot write it; free space there", r->path);
	st = put_in_place(r, err);
	if (st < 0)
		return st;
	free(r->temp);
	r->temp = NULL;
	folder_sync(r->path);
	trw_replace_abandon(r);
	return TRW_OK;
}

void
trw_replace_abandon(struct trw_replace *r)
{
	if (r->path != NULL && r->fd >= 0)
		(void)close(r->fd);
	if (r->temp != NULL && r->is_folder)
		(void)folder_remove(r->temp, NULL);
	else if (r->temp != NULL)
		(void)unlink(r->temp);
	free(r->temp);
	free(r->path);
	*r = (struct trw_replace){.fd = -1};
}
