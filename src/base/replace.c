/* SPDX-License-Identifier: Apache-2.0 */
#include "base/replace.h"

#include "base/alloc.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_TRIED 100

/* The names that a killed process leaves are its own: its number is in them. */
static enum trw_status
temp_open(struct trw_replace *r, struct trw_err *err)
{
	const char *base = trw_base_name(r->path);

	for (int i = 0; i < NAMES_TRIED; i++) {
		free(r->temp);
		r->temp = trw_format(err, "%.*s.%s.%ld-%d.part", (int)(base - r->path), r->path,
			base, (long)getpid(), i);
		if (r->temp == NULL)
			return TRW_ENOMEM;
		r->fd = open(r->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (r->fd >= 0)
			return TRW_OK;
		if (errno != EEXIST)
			break;
	}
	int why = errno;
	free(r->temp);
	r->temp = NULL;
	return trw_fail_errno(err, why,
		"%s: cannot write there; make the folder writable or name another place", r->path);
}

enum trw_status
trw_replace_open(const char *path, struct trw_replace *out, struct trw_err *err)
{
	struct stat about;
	enum trw_status st;

	*out = (struct trw_replace){.fd = -1};
	if (trw_base_name(path)[0] == '\0' || (stat(path, &about) == 0 && !S_ISREG(about.st_mode)))
		return trw_fail(err, TRW_EUSAGE, "%s: not a file: name a file to write", path);
	out->path = trw_strdup(path, err);
	st = out->path == NULL ? TRW_ENOMEM : temp_open(out, err);
	if (st < 0)
		trw_replace_abandon(out);
	return st;
}

/* The folder's entry must be on the disk, too. A file system that has no use for this says so, and that is fine. */
static void
folder_sync(const char *path)
{
	const char *base = trw_base_name(path);
	char *folder = base == path ? trw_strdup(".", NULL)
				    : trw_format(NULL, "%.*s", (int)(base - path), path);
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
	if (fsync(r->fd) != 0 || rename(r->temp, r->path) != 0)
		return trw_fail_errno(err, errno, "%s: cannot write it; free space there", r->path);
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
	if (r->temp != NULL)
		(void)unlink(r->temp);
	free(r->temp);
	free(r->path);
	*r = (struct trw_replace){.fd = -1};
}
