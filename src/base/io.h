/* SPDX-License-Identifier: Apache-2.0 */
/** Whole reads and writes on file descriptors, past EINTR and short counts. */
#pragma once

#include "base/status.h"

/** Read len bytes at off; *got is less only at the end of the file. Errors: TRW_EIO. */
TRW_NODISCARD enum trw_status trw_pread_full(
	int fd, void *buf, size_t len, uint64_t off, size_t *got, struct trw_err *err);

/** Write len bytes. Errors: TRW_EIO. */
TRW_NODISCARD enum trw_status trw_write_full(
	int fd, const void *buf, size_t len, struct trw_err *err);

/** Read len bytes from a stream. TRW_END when it ends before the first byte; TRW_EIO when it ends inside. */
TRW_NODISCARD enum trw_status trw_read_full(int fd, void *buf, size_t len, struct trw_err *err);

/** Fault tests: the nth trw_pread_full from now fails with EIO (1 = the next), 0 = none. Not thread-safe. */
void trw_pread_fail_at(uint64_t nth);
