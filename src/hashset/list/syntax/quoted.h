/* SPDX-License-Identifier: Apache-2.0 */
/** Fields of comma-separated text (RFC 4180). Threads: one owner. */
#pragma once

#include "hashset/list/io/output.h"

/** The bytes in quotes, those inside doubled. Errors: those of output.h. */
TRW_NODISCARD enum trw_status trw_quoted_put(
	struct trw_output *out, const char *p, size_t n, struct trw_err *err);

/** The same, without quotes where it needs none. */
TRW_NODISCARD enum trw_status trw_quoted_field(
	struct trw_output *out, const char *p, size_t n, struct trw_err *err);
