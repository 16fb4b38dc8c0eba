/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/output.h"

#include "base/alloc.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER ((size_t)256 << 10) /* bytes before they are written */
#define NAMES_TRIED 100

static const char *
shown(const struct trw_output *o)
{
	return o->path != NULL ? o->path : "output";
}

enum trw_status
trw_output_open(const char *path, struct trw_output *out, struct trw_err *err)
{
	struct trw_output o = {.fd = -1};

	*out = (struct trw_output){0};
	o.path = trw_strdup(path, err);
	if (o.path == NULL)
		return TRW_ENOMEM;
	for (int i = 0; o.fd < 0 && i < NAMES_TRIED; i++) {
		free(o.temp);
		o.temp = trw_format(err, "%s.%ld-%d.part", path, (long)getpid(), i);
		if (o.temp == NULL) {
			free(o.path);
			return TRW_ENOMEM;
		}
		o.fd = open(o.temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (o.fd < 0 && errno != EEXIST)
			break;
	}
	if (o.fd < 0) {
		enum trw_status status = trw_fail_errno(err, errno, "%s: cannot make it", path);
		free(o.path);
		free(o.temp);
		return status;
	}
	*out = o;
	return TRW_OK;
}

enum trw_status
trw_output_open_in(
	const char *folder, const char *name, struct trw_output *out, struct trw_err *err)
{
	char *path = trw_format(err, "%s/%s", folder, name);
	enum trw_status status;

	*out = (struct trw_output){0};
	if (path == NULL)
		return TRW_ENOMEM;
	status = trw_output_open(path, out, err);
	free(path);
	return status;
}

void
trw_output_to(int fd, struct trw_output *out)
{
	*out = (struct trw_output){.fd = fd};
}

static enum trw_status
write_out(struct trw_output *o, const void *p, size_t n, struct trw_err *err)
{
	if (o->digester != NULL)
		trw_digest_update(o->digester, p, n);
	if (trw_write_full(o->fd, p, n, err) < 0)
		return trw_fail_in(err, "%s", shown(o));
	return TRW_OK;
}

static enum trw_status
flush(struct trw_output *o, struct trw_err *err)
{
	enum trw_status status = write_out(o, o->buf.v, o->buf.n, err);

	o->buf.n = 0;
	return status;
}

enum trw_status
trw_output_put(struct trw_output *o, const void *p, size_t n, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (o->buf.n > 0 && n > BUFFER - o->buf.n)
		status = flush(o, err);
	if (status == TRW_OK)
		status = n >= BUFFER ? write_out(o, p, n, err) : trw_buf_put(&o->buf, p, n, err);
	if (status == TRW_OK)
		o->n += n;
	return status;
}

/* The folder of a path. Heap, or NULL. */
static char *
folder_of(const char *path, struct trw_err *err)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? trw_strdup(".", err)
			     : trw_memdup(path, (size_t)(slash - path) + 1, err);
}

/* A rename is on disk when its folder is. Some file systems cannot sync one: then there is nothing to wait for. */
static void
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
}

static enum trw_status
put_in_place(struct trw_output *o, struct trw_err *err)
{
	char *folder = folder_of(o->path, err);
	enum trw_status status = TRW_OK;

	if (folder == NULL)
		return TRW_ENOMEM;
	if (rename(o->temp, o->path) != 0) {
		status = trw_fail_errno(err, errno, "%s: cannot put it in place", o->path);
	} else {
		free(o->temp);
		o->temp = NULL;
		sync_folder(folder);
	}
	free(folder);
	return status;
}

enum trw_status
trw_output_finish(struct trw_output *o, struct trw_err *err)
{
	enum trw_status status = flush(o, err);
	int failed;

	if (status < 0)
		return status;
	if (o->temp == NULL) {
		trw_output_abandon(o);
		return TRW_OK;
	}
	if (fsync(o->fd) != 0)
		return trw_fail_errno(err, errno, "%s: cannot sync it", o->path);
	failed = close(o->fd);
	o->fd = -1;
	if (failed != 0)
		return trw_fail_errno(err, errno, "%s: cannot close it", o->path);
	status = put_in_place(o, err);
	if (status == TRW_OK)
		trw_output_abandon(o);
	return status;
}

void
trw_output_abandon(struct trw_output *o)
{
	if (o->temp != NULL) {
		if (o->fd >= 0)
			(void)close(o->fd);
		(void)unlink(o->temp);
	}
	free(o->path);
	free(o->temp);
	trw_buf_clear(&o->buf);
	*o = (struct trw_output){.n = o->n};
}
