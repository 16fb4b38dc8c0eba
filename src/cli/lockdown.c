/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which paths a command may still use, by what it does with those that the call names:
 *
 *     READ       the file, and its -wal and -journal; a folder with what its links lead to
 *     DATABASE   the same; where a killed run has left a journal, its folder is written to, as SQLite puts things right
 *     WRITE      the folder that it is made in
 *     IMAGE      the folder that it lies in, and what links there lead to
 *
 * and of the system a few files that libraries ask for. What the calls are that remain: sandbox/policy.c.
 */
#include "cli/lockdown.h"

#include "base/alloc.h"
#include "base/sanitizer.h"
#include "base/temp.h"
#include "sandbox/sandbox.h"
#include "worker/host/worker.h"

#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct plan {
	struct trw_grants grants;
	size_t output; /* when has_output: which grant is the folder of the first path that is written */
	bool has_output;
	bool has_workers;
};

static enum trw_status
grant(struct plan *p, const char *path, enum trw_right right, struct trw_err *err)
{
	return trw_grant_add(&p->grants, path, right, err);
}

/* A file that SQLite leaves beside a database. *is_there: with something in it. */
static enum trw_status
side_file(struct plan *p, const char *path, const char *suffix, bool *is_there, struct trw_err *err)
{
	char *name = trw_format(err, "%s%s", path, suffix);
	struct stat about;
	enum trw_status status = name == NULL ? TRW_ENOMEM : grant(p, name, TRW_RIGHT_READ, err);

	if (status == TRW_OK && stat(name, &about) == 0 && about.st_size > 0)
		*is_there = true;
	free(name);
	return status;
}

static enum trw_status
use_read(struct plan *p, const char *path, bool *has_side_files, struct trw_err *err)
{
	struct stat about;
	enum trw_status status;

	if (strcmp(path, "-") == 0)
		return grant(p, "/dev/stdin", TRW_RIGHT_READ, err);
	if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
		return trw_grant_beside(&p->grants, path, err);
	status = grant(p, path, TRW_RIGHT_READ, err);
	if (status == TRW_OK)
		status = side_file(p, path, "-wal", has_side_files, err);
	return status < 0 ? status : side_file(p, path, "-journal", has_side_files, err);
}

/* The folder of a path, and that of the file that a link there leads to. */
static enum trw_status
use_write(struct plan *p, const char *path, struct trw_err *err)
{
	char real[PATH_MAX];
	enum trw_status status;

	if (strcmp(path, "-") == 0)
		return TRW_OK;
	if (!p->has_output)
		p->output = p->grants.n;
	p->has_output = true;
	status = trw_grant_folder_of(&p->grants, path, TRW_RIGHT_WRITE, err);
	if (status == TRW_OK && realpath(path, real) != NULL)
		status = trw_grant_folder_of(&p->grants, real, TRW_RIGHT_WRITE, err);
	return status;
}

/* SQLite looks for side files beside the file that a link leads to. */
static enum trw_status
use_database(struct plan *p, const char *path, struct trw_err *err)
{
	char real[PATH_MAX];
	const char *file = realpath(path, real) != NULL ? real : path;
	bool is_unfinished = false;
	enum trw_status status = use_read(p, file, &is_unfinished, err);

	if (status == TRW_OK && is_unfinished)
		status = trw_grant_folder_of(&p->grants, file, TRW_RIGHT_WRITE, err);
	return status;
}

static enum trw_status
use(struct plan *p, enum trw_use how, const char *path, struct trw_err *err)
{
	bool ignored;

	switch (how) {
	case TRW_USE_READ:
		return use_read(p, path, &ignored, err);
	case TRW_USE_DATABASE:
		return use_database(p, path, err);
	case TRW_USE_WRITE:
		return use_write(p, path, err);
	case TRW_USE_IMAGE:
		p->has_workers = true;
		return trw_grant_beside(&p->grants, path, err);
	case TRW_USE_NONE:
		return TRW_OK;
	}
	return TRW_OK;
}

static enum trw_status
use_all(struct plan *p, enum trw_use how, const struct trw_texts *paths, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && i < paths->n; i++)
		status = use(p, how, paths->v[i], err);
	return status;
}

static enum trw_status
use_option(struct plan *p, const struct trw_option *o, const void *values, struct trw_err *err)
{
	const void *at =
		values != NULL ? (const char *)values + o->at : NULL; /* none where all is help */
	const char *path;

	switch (o->kind) {
	case TRW_OPTION_INPUTS:
		return use_all(p, TRW_USE_READ, at, err);
	case TRW_OPTION_IMAGES:
		return use_all(p, TRW_USE_IMAGE, at, err);
	case TRW_OPTION_OUTPUT:
		path = *(const char *const *)at;
		return path == NULL ? TRW_OK : use(p, TRW_USE_WRITE, path, err);
	case TRW_OPTION_FLAG:
	case TRW_OPTION_TEXT:
	case TRW_OPTION_TEXTS:
	case TRW_OPTION_NUMBER:
	case TRW_OPTION_SIZE:
	case TRW_OPTION_HELP:
	case TRW_OPTION_NO_SANDBOX:
		break;
	}
	return TRW_OK;
}

static enum trw_status
use_call(struct plan *p, const struct trw_command *self, const void *values,
	const struct trw_texts *operands, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; status == TRW_OK && i < operands->n; i++)
		status = use(p, i == 0 ? self->first : self->others, operands->v[i], err);
	for (size_t i = 0; status == TRW_OK && i < self->n_options; i++)
		status = use_option(p, &self->options[i], values, err);
	return status;
}

/* ---- what every command needs ---- */

static enum trw_status
grant_list(struct plan *p, const char *const *paths, enum trw_right right, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (; status == TRW_OK && *paths != NULL; paths++)
		status = grant(p, *paths, right, err);
	return status;
}

/* Temporary files lie beside what is written, else in the usual place. SQLite listens to this variable first. */
static enum trw_status
use_temp(struct plan *p, struct trw_err *err)
{
	const char *folder = trw_temp_folder();

	if (p->has_output && getenv("SQLITE_TMPDIR") == NULL)
		folder = p->grants.v[p->output].path;
	if (setenv("SQLITE_TMPDIR", folder, 1) != 0)
		return trw_fail(err, TRW_ENOMEM, "out of memory");
	return grant(p, getenv("SQLITE_TMPDIR"), TRW_RIGHT_TEMP, err);
}

static enum trw_status
use_system(struct plan *p, struct trw_err *err)
{
	static const char *const paths[] = {
		"/sys/devices/system/cpu", /* how many there are */
		"/dev/urandom",            /* SQLite */
		"/usr/lib/locale",         /* names in a zip */
#if TRW_ASAN || TRW_TSAN
		"/proc", /* what a sanitizer reads at the end */
#endif
		NULL
	};

	return grant_list(p, paths, TRW_RIGHT_READ, err);
}

/* ---- what workers need ---- */

/* The first object is the program: its interpreter is the workers', too, and the kernel executes it in their stead. */
static int
find_interpreter(struct dl_phdr_info *info, size_t size, void *out)
{
	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			memcpy(out, &(uintptr_t){info->dlpi_addr + info->dlpi_phdr[i].p_vaddr},
				sizeof(uintptr_t));
	return 1;
}

static enum trw_status
use_workers(struct plan *p, struct trw_err *err)
{
	static const char *const libraries[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64",
		"/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload", NULL};
	const char *interpreter = NULL;
	enum trw_status status = grant_list(p, libraries, TRW_RIGHT_READ, err);

	(void)dl_iterate_phdr(find_interpreter, &interpreter);
	if (status == TRW_OK && interpreter != NULL)
		status = grant(p, interpreter, TRW_RIGHT_EXECUTE, err);
	if (status == TRW_OK)
		status = grant(p, trw_worker_binary(), TRW_RIGHT_EXECUTE, err);
	return status < 0 ? status : grant(p, "/dev/null", TRW_RIGHT_WRITE, err);
}

/* ---- the whole ---- */

static bool
is_off(const struct trw_command *self, const void *values)
{
	for (size_t i = 0; i < self->n_options; i++)
		if (self->options[i].kind == TRW_OPTION_NO_SANDBOX)
			return *(const bool *)((const char *)values + self->options[i].at);
	return false;
}

static enum trw_status
plan_fill(struct plan *p, const struct trw_command *self, const void *values,
	const struct trw_texts *operands, struct trw_err *err)
{
	enum trw_status status = use_call(p, self, values, operands, err);

	if (status == TRW_OK)
		status = use_temp(p, err);
	if (status == TRW_OK)
		status = use_system(p, err);
	if (status == TRW_OK && self->recalls_images && !p->has_workers)
		status = grant(p, "/", TRW_RIGHT_READ, err);
	p->has_workers = p->has_workers || self->recalls_images;
	return status == TRW_OK && p->has_workers ? use_workers(p, err) : status;
}

enum trw_status
trw_lockdown(const struct trw_command *self, const void *values, const struct trw_texts *operands,
	struct trw_err *err)
{
	struct plan p = {0};
	enum trw_status status;

	if (is_off(self, values))
		return TRW_OK;
	status = plan_fill(&p, self, values, operands, err);
	if (status == TRW_OK) {
		const struct trw_sandbox sandbox = {
			.lock = p.has_workers ? TRW_LOCK_HOST : TRW_LOCK_TOOL, .grants = &p.grants};
		status = trw_sandbox_enter(&sandbox, err);
	}
	trw_grants_clear(&p.grants);
	if (status == TRW_ESANDBOX)
		return trw_fail_in(err, "cannot lock down; --no-sandbox goes on without");
	return status;
}

const char *
trw_lockdown_text(bool is_off)
{
	return is_off ? "none: --no-sandbox" : trw_sandbox_text();
}
