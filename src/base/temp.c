/* SPDX-License-Identifier: Apache-2.0 */
#include "base/temp.h"

#include "base/alloc.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const char *
trw_temp_folder(void)
{
	const char *const folders[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (folders[i] != NULL && access(folders[i], W_OK | X_OK) == 0)
			return folders[i];
	return "/tmp";
}

void
trw_temp_close(struct trw_temp *t)
{
	if (t->is_open)
		(void)close(t->fd);
	*t = (struct trw_temp){.folder = t->folder};
}

static enum trw_status
fail(const struct trw_temp *t, const struct trw_err *why, const char *advice, struct trw_err *err)
{
	return trw_fail(err, TRW_EIO, "%s: temporary file: %s: %s, or raise --memory", t->folder,
		why->text, advice);
}

/* A file system without O_TMPFILE: a name for a moment. */
static enum trw_status
open_named(struct trw_temp *t, struct trw_err *err)
{
	char *name = trw_format(err, "%s/.trowel-XXXXXX", t->folder);

	if (name == NULL)
		return TRW_ENOMEM;
	t->fd = mkostemp(name, O_CLOEXEC);
	if (t->fd >= 0)
		(void)unlink(name);
	free(name);
	return TRW_OK;
}

static enum trw_status
open_file(struct trw_temp *t, struct trw_err *err)
{
	struct trw_err why = {0};

	t->fd = open(t->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	/* EISDIR is what kernels say that take O_TMPFILE for O_DIRECTORY. */
	if (t->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		enum trw_status status = open_named(t, err);
		if (status < 0)
			return status;
	}
	if (t->fd < 0) {
		(void)trw_fail_errno(&why, errno, "cannot make it");
		return fail(t, &why, "make the folder writable", err);
	}
	t->is_open = true;
	return TRW_OK;
}

enum trw_status
trw_temp_append(struct trw_temp *t, const void *p, size_t len, struct trw_err *err)
{
	struct trw_err why = {0};

	if (!t->is_open && open_file(t, err) < 0)
		return err != NULL ? err->status : TRW_EIO;
	if (trw_write_full(t->fd, p, len, &why) < 0)
		return fail(t, &why, "free space there", err);
	t->n += len;
	return TRW_OK;
}

enum trw_status
trw_temp_read(const struct trw_temp *t, void *p, size_t len, uint64_t off, struct trw_err *err)
{
	struct trw_err why = {0};
	size_t got = 0;

	if (len == 0)
		return TRW_OK;
	if (trw_pread_full(t->fd, p, len, off, &got, &why) == TRW_OK && got < len)
		(void)trw_fail(&why, TRW_EIO, "it ends at %" PRIu64, off + got);
	if (why.status < 0)
		return fail(t, &why, "check that disk", err);
	return TRW_OK;
}
