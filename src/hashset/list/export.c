/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/export.h"

#include "base/alloc.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/formats.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_TRIED 100

static void
leave(void *ctx, const char *what, uint64_t n)
{
	struct trw_export_result *r = ctx;

	trw_left_add(r->left, &r->n_left, what, n);
}

static enum trw_status
write_to(const struct trw_format *format, struct trw_export *x, struct trw_err *err)
{
	enum trw_status status = format->write(x, err);

	if (status == TRW_OK && x->out != NULL)
		status = x->out->status;
	if (status == TRW_OK && x->n_written == 0)
		return trw_fail(err, TRW_EUSAGE, "no entry of the set has what the format %s needs",
			format->name);
	return status;
}

static enum trw_status
export_file(const struct trw_export_options *o, const struct trw_format *format,
	struct trw_export *x, struct trw_export_result *r, struct trw_err *err)
{
	struct trw_output output = {0};
	struct trw_put put = {.out = &output, .err = err};
	enum trw_status status = TRW_OK;

	if (strcmp(o->path, "-") == 0)
		trw_output_to(o->fd, &output);
	else
		status = trw_output_open(o->path, &output, err);
	x->out = &put;
	if (status == TRW_OK)
		status = write_to(format, x, err);
	if (status == TRW_OK)
		status = trw_output_finish(&output, err);
	r->n_bytes = output.n;
	trw_output_abandon(&output);
	return status;
}

/* A new folder beside path. Heap, or NULL. */
static char *
make_folder(const char *path, struct trw_err *err)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (int i = 0; i < NAMES_TRIED; i++) {
		char *temp = trw_format(err, "%.*s.%ld-%d.part", (int)n, path, (long)getpid(), i);
		if (temp == NULL)
			return NULL;
		if (mkdir(temp, 0777) == 0)
			return temp;
		free(temp);
		if (errno != EEXIST)
			break;
	}
	(void)trw_fail_errno(err, errno, "%s: cannot make it", path);
	return NULL;
}

/* A folder that a writer filled: no folders in it. */
static void
remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static enum trw_status
export_folder(const struct trw_export_options *o, const struct trw_format *format,
	struct trw_export *x, struct trw_err *err)
{
	enum trw_status status;
	char *temp;

	if (strcmp(o->path, "-") == 0)
		return trw_fail(err, TRW_EUSAGE,
			"the format %s is a folder of files: give it a path", format->name);
	temp = make_folder(o->path, err);
	if (temp == NULL)
		return err != NULL ? err->status : TRW_EIO;
	x->folder = temp;
	status = write_to(format, x, err);
	if (status == TRW_OK && rename(temp, o->path) != 0)
		status = trw_fail_errno(err, errno, "%s: cannot put it in place", o->path);
	if (status < 0)
		remove_folder(temp);
	free(temp);
	return status;
}

static bool
is_empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			n++;
	(void)closedir(dir);
	return n == 0;
}

/* What is at the path may be replaced: nothing, an older list, an empty folder. */
static enum trw_status
check_target(const struct trw_export_options *o, const struct trw_format *format,
	const struct trw_set *set, struct trw_err *err)
{
	struct stat target, source;

	if (strcmp(o->path, "-") == 0 || stat(o->path, &target) != 0)
		return TRW_OK;
	if (stat(trw_set_info(set)->path, &source) == 0 && source.st_dev == target.st_dev &&
		source.st_ino == target.st_ino)
		return trw_fail(err, TRW_EUSAGE, "%s: is the set itself", o->path);
	if (format->is_folder && !S_ISDIR(target.st_mode))
		return trw_fail(err, TRW_EUSAGE, "%s: is no folder, but the format %s is one",
			o->path, format->name);
	if (format->is_folder && !is_empty_folder(o->path))
		return trw_fail(err, TRW_EUSAGE, "%s: the folder exists and is not empty", o->path);
	if (!format->is_folder && !S_ISREG(target.st_mode))
		return trw_fail(err, TRW_EUSAGE, "%s: is no regular file", o->path);
	return TRW_OK;
}

static enum trw_status
export_set(const struct trw_export_options *o, const struct trw_format *format,
	const struct trw_set *set, struct trw_export_result *r, struct trw_err *err)
{
	struct trw_export x = {.set = set,
		.leave = leave,
		.ctx = r,
		.kind = o->kind,
		.filter_rate = o->filter_rate};
	enum trw_status status = check_target(o, format, set, err);

	if (status == TRW_OK)
		status = trw_set_check(set, err);
	if (status < 0)
		return status;
	r->n_entries = trw_set_info(set)->n_entries;
	r->is_folder = format->is_folder;
	status = format->is_folder ? export_folder(o, format, &x, err)
				   : export_file(o, format, &x, r, err);
	r->n_written = x.n_written;
	return status;
}

enum trw_status
trw_export_run(const struct trw_export_options *options, struct trw_export_result *out,
	struct trw_err *err)
{
	const struct trw_format *format = trw_format_named(options->format);
	struct trw_set *opened = NULL;
	enum trw_status status = TRW_OK;

	*out = (struct trw_export_result){0};
	if (format == NULL)
		return trw_fail(err, TRW_EUSAGE, "there is no list format \"%s\"", options->format);
	if (format->write == NULL)
		return trw_fail(
			err, TRW_EUSAGE, "the format %s is only read, never written", format->name);
	if (options->set == NULL)
		status = trw_set_open(options->set_path, &opened, err);
	if (status == TRW_OK)
		status = export_set(
			options, format, options->set != NULL ? options->set : opened, out, err);
	trw_set_close(opened);
	return status;
}
