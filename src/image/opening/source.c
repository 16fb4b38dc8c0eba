/* SPDX-License-Identifier: Apache-2.0 */
#include "image/opening/source.h"

#include "base/alloc.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Linux reads at most twice the device's read-ahead (128 KiB where nobody changed it) for one piece of advice,
 * and drops the rest without a word.
 */
#define AHEAD_STEP ((uint64_t)256 << 10)

/* A set may have thousands of segments; the soft limit of open files is often 1024, the hard one is not. */
static int
open_past_soft_limit(const char *path)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);
	struct rlimit lim;

	if (fd >= 0 || errno != EMFILE)
		return fd;
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) == 0)
			return open(path, flags);
	}
	errno = EMFILE;
	return -1;
}

static enum trw_status
fail_open(const char *path, int errnum, struct trw_err *err)
{
	if (errnum == EMFILE)
		return trw_fail(
			err, TRW_EUSAGE, "%s: too many open files, raise 'ulimit -n'", path);
	if (errnum == EIO || errnum == ENOMEM || errnum == ENXIO)
		return trw_fail_errno(err, errnum, "%s", path);
	return trw_fail(err, TRW_EUSAGE, "%s: %s", path, strerror(errnum));
}

static enum trw_status
measure(struct trw_source *src, struct trw_err *err)
{
	struct stat st;

	if (fstat(src->fd, &st) != 0)
		return trw_fail_errno(err, errno, "%s", src->path);
	src->dev = (uint64_t)st.st_dev;
	src->ino = (uint64_t)st.st_ino;
	if (S_ISREG(st.st_mode)) {
		src->size = (uint64_t)st.st_size;
		return TRW_OK;
	}
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(src->fd, BLKGETSIZE64, &src->size) != 0)
			return trw_fail_errno(err, errno, "%s: size of the device", src->path);
		return TRW_OK;
	}
	if (S_ISDIR(st.st_mode))
		return trw_fail(
			err, TRW_EUSAGE, "%s: is a directory, give an image file", src->path);
	return trw_fail(err, TRW_EUSAGE, "%s: is neither a file nor a block device", src->path);
}

enum trw_status
trw_source_open(const char *path, struct trw_source *out, struct trw_err *err)
{
	struct trw_source src = {.fd = -1};
	enum trw_status st;

	*out = src;
	src.path = trw_strdup(path, err);
	if (src.path == NULL)
		return TRW_ENOMEM;
	src.fd = open_past_soft_limit(path);
	st = src.fd < 0 ? fail_open(path, errno, err) : measure(&src, err);
	if (st != TRW_OK) {
		trw_source_close(&src);
		return st;
	}
	*out = src;
	return TRW_OK;
}

void
trw_source_close(struct trw_source *src)
{
	if (src->fd >= 0)
		(void)close(src->fd);
	free(src->path);
	*src = (struct trw_source){.fd = -1};
}

void
trw_source_ahead(const struct trw_source *src, uint64_t off, uint64_t len)
{
	if (off > INT64_MAX || len > INT64_MAX - off)
		return;
	(void)posix_fadvise(src->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (len > 0) {
		uint64_t n = len < AHEAD_STEP ? len : AHEAD_STEP;

		(void)posix_fadvise(src->fd, (off_t)off, (off_t)n, POSIX_FADV_WILLNEED);
		off += n;
		len -= n;
	}
}

/* The first half of a piece that must be split: whole sectors of the file. */
static size_t
half_of(uint64_t off, size_t len)
{
	uint64_t mid = (off + len / 2) / TRW_SOURCE_SECTOR * TRW_SOURCE_SECTOR;

	if (mid <= off)
		mid = (off / TRW_SOURCE_SECTOR + 1) * TRW_SOURCE_SECTOR;
	return mid - off < len ? (size_t)(mid - off) : len;
}

enum trw_status
trw_source_read(const struct trw_source *src, uint64_t off, uint8_t *buf, size_t len, uint64_t at,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_err ignored = {0};
	enum trw_status st;
	size_t got = 0, half;

	if (trw_pread_full(src->fd, buf, len, off, &got, &ignored) == TRW_OK) {
		memset(buf + got, 0, len - got);
		return trw_ranges_add(damage, at + got, len - got, TRW_DAMAGE_MISSING, err);
	}
	half = half_of(off, len);
	if (half == len) {
		memset(buf, 0, len);
		return trw_ranges_add(damage, at, len, TRW_DAMAGE_MISSING, err);
	}
	st = trw_source_read(src, off, buf, half, at, damage, err);
	if (st != TRW_OK)
		return st;
	return trw_source_read(src, off + half, buf + half, len - half, at + half, damage, err);
}
