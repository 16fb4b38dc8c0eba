/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/listdb_vfs.h"

#include "base/io.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SECTOR 4096

struct file {
	sqlite3_file file;
	int fd; /* borrowed */
};

static int
fd_of(const sqlite3_file *f)
{
	return ((const struct file *)(const void *)f)->fd;
}

static int
file_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int
file_read(sqlite3_file *f, void *buf, int n, sqlite3_int64 off)
{
	size_t len = (size_t)n, got = 0;
	struct trw_err err = {0};

	if (n < 0 || off < 0)
		return SQLITE_IOERR_READ;
	if (trw_pread_full(fd_of(f), buf, len, (uint64_t)off, &got, &err) < 0)
		return SQLITE_IOERR_READ;
	if (got == len)
		return SQLITE_OK;
	memset((uint8_t *)buf + got, 0, len - got);
	return SQLITE_IOERR_SHORT_READ;
}

static int
file_write(sqlite3_file *f, const void *buf, int n, sqlite3_int64 off)
{
	(void)f, (void)buf, (void)n, (void)off;
	return SQLITE_READONLY;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f, (void)size;
	return SQLITE_READONLY;
}

static int
file_flags(sqlite3_file *f, int flags) /* sync, lock, unlock */
{
	(void)f, (void)flags;
	return SQLITE_OK;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	struct stat st;

	if (fstat(fd_of(f), &st) != 0)
		return SQLITE_IOERR_FSTAT;
	*size = st.st_size;
	return SQLITE_OK;
}

static int
file_reserved(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	(void)f, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector(sqlite3_file *f)
{
	(void)f;
	return SECTOR;
}

static int
file_traits(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_flags,
	.xFileSize = file_size,
	.xLock = file_flags,
	.xUnlock = file_flags,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits};

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	const struct trw_listdb_vfs *own = v->pAppData;
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	f->pMethods = NULL;
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
		struct file *file = (struct file *)(void *)f;
		file->fd = own->fd;
		file->file.pMethods = &methods;
		if (out != NULL)
			*out = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
		return SQLITE_OK;
	}
	if (name != NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) == 0 || system == NULL)
		return SQLITE_CANTOPEN;
	return system->xOpen(system, name, f, flags, out);
}

static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v, (void)name, (void)sync;
	return SQLITE_IOERR_DELETE;
}

static int
vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	(void)v, (void)name, (void)flags;
	*out = 0; /* no journal, no log */
	return SQLITE_OK;
}

static int
vfs_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
	(void)v;
	return snprintf(out, (size_t)n, "%s", name) < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int
vfs_random(sqlite3_vfs *v, int n, char *out)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	(void)v;
	memset(out, 0, (size_t)n);
	return system == NULL ? n : system->xRandomness(system, n, out);
}

static int
vfs_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static int
vfs_time(sqlite3_vfs *v, double *out)
{
	(void)v;
	*out = 0; /* a list that depends on the clock gets none */
	return SQLITE_OK;
}

static int
vfs_error(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	if (n > 0)
		out[0] = '\0';
	return 0;
}

enum trw_status
trw_listdb_vfs_open(int fd, struct trw_listdb_vfs *v, struct trw_err *err)
{
	sqlite3_vfs *system;

	if (sqlite3_initialize() != SQLITE_OK || (system = sqlite3_vfs_find(NULL)) == NULL)
		return trw_fail(err, TRW_ENOMEM, "cannot start SQLite");
	v->fd = fd;
	(void)snprintf(v->name, sizeof(v->name), "trowel-list-%p", (void *)v);
	v->vfs = (sqlite3_vfs){.iVersion = 1,
		.szOsFile = system->szOsFile > (int)sizeof(struct file) ? system->szOsFile
									: (int)sizeof(struct file),
		.mxPathname = system->mxPathname,
		.zName = v->name,
		.pAppData = v,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_path,
		.xRandomness = vfs_random,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_error};
	if (sqlite3_vfs_register(&v->vfs, 0) != SQLITE_OK)
		return trw_fail(err, TRW_ENOMEM, "cannot start SQLite");
	v->is_registered = true;
	return TRW_OK;
}

void
trw_listdb_vfs_close(struct trw_listdb_vfs *v)
{
	if (v->is_registered)
		(void)sqlite3_vfs_unregister(&v->vfs);
	v->is_registered = false;
}
