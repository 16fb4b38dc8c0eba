/* SPDX-License-Identifier: Apache-2.0 */
/** Checked allocation: zeroed, overflow-proof, with a text when it fails and a hook for fault tests. */
#pragma once

#include "base/status.h"

/** n * size zeroed bytes, or NULL with err filled (TRW_ENOMEM). Free with free(). n, size may be 0. */
TRW_NODISCARD void *trw_alloc(size_t n, size_t size, struct trw_err *err);

/** v, which may be NULL, resized to n * size bytes, new ones unset; or NULL with err filled, and v is as it was. */
TRW_NODISCARD void *trw_realloc(void *v, size_t n, size_t size, struct trw_err *err);

/** A heap copy of s, or NULL with err filled. s may be NULL: then NULL without an error. */
TRW_NODISCARD char *trw_strdup(const char *s, struct trw_err *err);

/** A heap copy of len bytes and a NUL behind them, or NULL with err filled. */
TRW_NODISCARD void *trw_memdup(const void *p, size_t len, struct trw_err *err);

/** A heap string from a format, or NULL with err filled. */
TRW_NODISCARD char *trw_format(struct trw_err *err, const char *fmt, ...) TRW_PRINTF(2, 3);

/**
 * Make room for at least n + 1 elements of size bytes in v, which has *cap; returns the (moved) array
 * and updates *cap. NULL with err filled: TRW_ELIMIT when n has reached max, TRW_ENOMEM; v is then
 * unchanged and still owned by the caller.
 */
TRW_NODISCARD void *trw_grow(
	void *v, size_t n, size_t *cap, size_t size, size_t max, struct trw_err *err);

/** Fault tests: the nth allocation from now fails (1 = the next), 0 = none. Not thread-safe. */
void trw_alloc_fail_at(uint64_t nth);
