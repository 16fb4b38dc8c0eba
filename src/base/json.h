/* SPDX-License-Identifier: Apache-2.0 */
/** JSON, written piece by piece to wherever the caller wants it (RFC 8259). */
#pragma once

#include "base/status.h"

/** Takes n bytes; its error is that of who called for them. */
typedef enum trw_status trw_json_put(void *ctx, const void *p, size_t n, struct trw_err *err);

/**
 * n bytes of text as a string with its quotes: each byte that is not UTF-8 is U+FFFD; quotes, backslashes and control
 * characters, DEL too, are escaped. Errors: those of put.
 */
TRW_NODISCARD enum trw_status trw_json_string(
	const char *s, size_t n, trw_json_put *put, void *ctx, struct trw_err *err);
