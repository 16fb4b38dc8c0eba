/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_uint_least64_t fail_at; /* 0 = never; counts down */

void
trw_pread_fail_at(uint64_t nth)
{
	atomic_store(&fail_at, nth);
}

enum trw_status
trw_pread_full(int fd, void *buf, size_t len, uint64_t off, size_t *got, struct trw_err *err)
{
	*got = 0;
	if (atomic_load_explicit(&fail_at, memory_order_relaxed) != 0 &&
		atomic_fetch_sub(&fail_at, 1) == 1)
		return trw_fail_errno(err, EIO, "read of %zu bytes at %" PRIu64, len, off);
	while (*got < len) {
		ssize_t n;

		if (off > INT64_MAX - *got)
			return TRW_OK;
		n = pread(fd, (char *)buf + *got, len - *got, (off_t)(off + *got));
		if (n == 0)
			return TRW_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trw_fail_errno(
				err, errno, "read of %zu bytes at %" PRIu64, len, off);
		*got += (size_t)n;
	}
	return TRW_OK;
}

enum trw_status
trw_write_full(int fd, const void *buf, size_t len, struct trw_err *err)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trw_fail_errno(err, errno, "write of %zu bytes", len);
		p += n;
		len -= (size_t)n;
	}
	return TRW_OK;
}

enum trw_status
trw_read_full(int fd, void *buf, size_t len, struct trw_err *err)
{
	char *p = buf;
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, p + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trw_fail_errno(err, errno, "read of %zu bytes", len);
		if (n == 0)
			return got == 0 ? TRW_END
					: trw_fail(err, TRW_EIO,
						  "stream ended after %zu of %zu bytes", got, len);
		got += (size_t)n;
	}
	return TRW_OK;
}
