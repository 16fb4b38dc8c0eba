/* SPDX-License-Identifier: Apache-2.0 */
/** Fields of comma-separated text (RFC 4180). Threads: one owner. */
#pragma once

#include "hashset/list/io/put.h"

/** The bytes in quotes, those inside doubled. */
void trw_quoted_put(struct trw_put *out, const char *p, size_t n);

/** The same, without quotes where it needs none. */
void trw_quoted_field(struct trw_put *out, const char *p, size_t n);
