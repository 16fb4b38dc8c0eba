/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target.h"

#include "base/alloc.h"
#include "base/text.h"
#include "cli/sniff.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What all checks need. path: with links resolved. */
struct check {
	const struct trw_call *call;
	const struct trw_target_rule *rule;
	const char *path;
	struct stat about; /* of path */
	struct trw_target *target;
};

static struct trw_file_id
id_of(const struct stat *about)
{
	return (struct trw_file_id){(uint64_t)about->st_dev, (uint64_t)about->st_ino};
}

static enum trw_status
input_check(const struct check *c, const char *path, struct trw_file_id id, struct trw_err *err)
{
	char *how = NULL;
	enum trw_status status = trw_inputs_find(c->call, id, &how, err);

	if (status == TRW_OK && how != NULL)
		status = trw_fail(err, TRW_EUSAGE,
			"%s: is %s, and never replaced: name another place", path, how);
	free(how);
	return status;
}

/* SQLite reads NAME-journal and NAME-wal into NAME, or deletes them. */
static enum trw_status
journal_check(const char *path, struct trw_err *err)
{
	static const char *const suffixes[] = {"-journal", "-wal", "-shm"};
	size_t n = strlen(path);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t len = strlen(suffixes[i]);
		if (n <= len || strcmp(path + n - len, suffixes[i]) != 0)
			continue;
		char *owner = trw_format(err, "%.*s", (int)(n - len), path);
		if (owner == NULL)
			return TRW_ENOMEM;
		bool is_there = access(owner, F_OK) == 0;
		free(owner);
		if (is_there)
			return trw_fail(err, TRW_EUSAGE,
				"%s: would be taken for a part of the database beside it: name another place",
				path);
	}
	return TRW_OK;
}

/* What is never replaced, whatever is asked for. */
static enum trw_status
never_check(const struct check *c, const char *path, struct trw_sniff *sniff, struct trw_err *err)
{
	enum trw_status status = trw_sniff(path, sniff, err);

	if (status < 0)
		return status;
	status = input_check(c, path, (struct trw_file_id){sniff->dev, sniff->ino}, err);
	if (status < 0)
		return status;
	if (sniff->kind == TRW_SNIFFED_CONTAINER)
		return trw_fail(err, TRW_EUSAGE,
			"%s: is an image (%s), and never replaced: name another place", path,
			sniff->name);
	if (sniff->kind == TRW_SNIFFED_EVIDENCE)
		return trw_fail(err, TRW_EUSAGE,
			"%s: is an evidence database, and never replaced: name another place",
			path);
	return TRW_OK;
}

static enum trw_status
raw_check(const char *path, struct trw_err *err)
{
	bool is_raw = false;
	enum trw_status status = trw_sniff_raw(path, &is_raw, err);

	if (status == TRW_OK && is_raw)
		return trw_fail(err, TRW_EUSAGE,
			"%s: may be a raw image, and is not replaced: remove it yourself, or name another place",
			path);
	return status;
}

static enum trw_status
file_check(const struct check *c, struct trw_err *err)
{
	struct trw_sniff sniff;
	enum trw_status status;

	if (!S_ISREG(c->about.st_mode))
		return trw_fail(err, TRW_EUSAGE,
			"%s: is no regular file, and is not written: name a file", c->path);
	status = never_check(c, c->path, &sniff, err);
	if (status == TRW_OK &&
		(sniff.dev != (uint64_t)c->target->dev || sniff.ino != (uint64_t)c->target->ino))
		return trw_fail(err, TRW_EUSAGE, "%s: changes just now: try again", c->path);
	if (status < 0 || (c->rule->what == TRW_WRITES_SET && sniff.kind == TRW_SNIFFED_SET))
		return status;
	if (!c->rule->has_force)
		return trw_fail(err, TRW_EUSAGE,
			"%s: exists already%s: name another place, or replace it with --force",
			c->path, c->rule->what == TRW_WRITES_SET ? ", and is no set" : "");
	return raw_check(c->path, err);
}

/* ---- folders ---- */

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* One file of the folder. */
static enum trw_status
member_check(const struct check *c, const char *name, struct trw_err *err)
{
	char *path = trw_format(err, "%s/%s", c->path, name);
	struct trw_sniff sniff;
	struct stat about;
	enum trw_status status = path == NULL ? TRW_ENOMEM : TRW_OK;

	if (status == TRW_OK && (!trw_target_fits(name, c->rule->files) ||
					lstat(path, &about) != 0 || !S_ISREG(about.st_mode)))
		status = trw_fail(err, TRW_EUSAGE,
			"%s: is not of an export in this format, and the folder is kept: name another place",
			path);
	else if (status == TRW_OK && !c->rule->has_force)
		status = trw_fail(err, TRW_EUSAGE,
			"%s: the folder exists and is not empty: name another place, or replace it with --force",
			c->path);
	if (status == TRW_OK)
		status = never_check(c, path, &sniff, err);
	if (status == TRW_OK)
		status = raw_check(path, err);
	free(path);
	return status;
}

/* *is_empty: nothing is in it. */
static enum trw_status
folder_check(const struct check *c, bool *is_empty, struct trw_err *err)
{
	const struct dirent *entry;
	enum trw_status status;
	DIR *dir;

	*is_empty = true;
	if (!S_ISDIR(c->about.st_mode))
		return trw_fail(err, TRW_EUSAGE,
			"%s: is no folder, and the format is one: name another place", c->path);
	status = input_check(c, c->path, id_of(&c->about), err);
	if (status < 0)
		return status;
	dir = opendir(c->path);
	if (dir == NULL)
		return trw_fail(err, TRW_EUSAGE, "%s: cannot be read: name another place", c->path);
	while (status == TRW_OK && (entry = readdir(dir)) != NULL)
		if (!is_dot(entry->d_name)) {
			*is_empty = false;
			status = member_check(c, entry->d_name, err);
		}
	(void)closedir(dir);
	return status;
}

/* ---- the whole ---- */

static enum trw_status
standard_check(const struct check *c, struct trw_err *err)
{
	struct stat about;

	if (!c->rule->has_standard)
		return trw_fail(
			err, TRW_EUSAGE, "standard output cannot hold it: name a file with -o");
	if (fstat(STDOUT_FILENO, &about) != 0 || !S_ISREG(about.st_mode))
		return TRW_OK;
	return input_check(c, "standard output", id_of(&about), err);
}

static enum trw_status
place_check(struct check *c, struct trw_err *err)
{
	bool is_empty = false;
	enum trw_status status = journal_check(c->path, err);

	if (status < 0 || stat(c->path, &c->about) != 0)
		return status;
	*c->target = trw_target_look(c->path);
	switch (c->rule->what) {
	case TRW_WRITES_FILE:
	case TRW_WRITES_SET:
		return file_check(c, err);
	case TRW_WRITES_DATABASE:
		return input_check(c, c->path, id_of(&c->about), err);
	case TRW_WRITES_FOLDER:
		status = folder_check(c, &is_empty, err);
		c->target->files = is_empty ? NULL : c->rule->files;
		break;
	}
	return status;
}

/* The path, or where it leads when it is a link; a folder without '.' and '/' at its end. Heap, or NULL. */
static char *
resolve(const char *path, struct trw_err *err)
{
	struct stat about;
	char *real;

	if (lstat(path, &about) != 0 || S_ISREG(about.st_mode))
		return trw_strdup(path, err);
	real = realpath(path, NULL);
	if (real == NULL && errno == ENOENT)
		(void)trw_fail(err, TRW_EUSAGE,
			"%s: is a symbolic link that leads nowhere: name a file", path);
	else if (real == NULL)
		(void)trw_fail_errno(err, errno, "%s", path);
	return real;
}

static const char *
output_of(const struct trw_call *call)
{
	const struct trw_command *self = call->self;

	for (size_t i = 0; i < self->n_options; i++)
		if (self->options[i].kind == TRW_OPTION_OUTPUT) {
			const void *at = (const char *)call->values + self->options[i].at;
			return *(const char *const *)at;
		}
	return NULL;
}

/* SQLite looks there first, and would else use /var/tmp. */
static enum trw_status
spill_beside(const char *path, struct trw_err *err)
{
	char *folder = trw_folder_of(path, err);
	enum trw_status status = folder == NULL ? TRW_ENOMEM : TRW_OK;

	if (status == TRW_OK && setenv("SQLITE_TMPDIR", folder, 1) != 0)
		status = trw_fail(err, TRW_ENOMEM, "out of memory");
	free(folder);
	return status;
}

enum trw_status
trw_cli_target(const struct trw_call *call, const struct trw_target_rule *rule,
	struct trw_cli_target *out, struct trw_err *err)
{
	struct check c = {.call = call, .rule = rule, .target = &out->target};
	const char *path = output_of(call);
	enum trw_status status;

	*out = (struct trw_cli_target){0};
	if (path == NULL && !rule->has_standard)
		return trw_fail(err, TRW_EUSAGE, "no output named: use -o");
	if (path == NULL || strcmp(path, "-") == 0) {
		out->target.path = "-";
		return standard_check(&c, err);
	}
	if (path[0] == '\0')
		return trw_fail(err, TRW_EUSAGE, "-o is empty: name a file");
	out->path = resolve(path, err);
	if (out->path == NULL)
		return err->status;
	c.path = out->target.path = out->path;
	status = spill_beside(out->path, err);
	return status < 0 ? status : place_check(&c, err);
}

void
trw_cli_target_clear(struct trw_cli_target *t)
{
	free(t->path);
	*t = (struct trw_cli_target){0};
}
