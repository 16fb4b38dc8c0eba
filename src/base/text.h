/* SPDX-License-Identifier: Apache-2.0 */
/** Small text jobs: hex, UTF-8 checks, ISO 8601 times, sizes for people. */
#pragma once

#include "base/status.h"

#include <string.h>

/** True when the n bytes at p are this text. */
static inline bool
trw_text_is(const char *p, size_t n, const char *text)
{
	return n == strlen(text) && memcmp(p, text, n) == 0;
}

/** What is behind the last '/' of a path; borrowed from it. */
const char *trw_base_name(const char *path);

/** Lower-case hex of n bytes into out, which holds 2 * n + 1 chars. */
void trw_hex(const uint8_t *p, size_t n, char *out);

/** 2 * n hex digits of s into out; false (out undefined) unless s is exactly that. */
TRW_NODISCARD bool trw_unhex(const char *s, uint8_t *out, size_t n);

/** True when the n bytes are well-formed UTF-8 (Unicode 15, table 3-7) without a NUL. */
bool trw_utf8_valid(const uint8_t *p, size_t n);

/**
 * A display form of n raw bytes: as they are where they are well-formed UTF-8, each other byte (and NUL)
 * as U+FFFD. NUL-terminated heap string, free with free(); NULL with err filled.
 */
TRW_NODISCARD char *trw_utf8_display(const uint8_t *p, size_t n, struct trw_err *err);

#define TRW_ISO8601_SIZE 40

/** ns since 1970-01-01 UTC as "2012-03-12T20:49:58.633000000Z" (any year, proleptic Gregorian). */
void trw_iso8601(int64_t ns, char out[TRW_ISO8601_SIZE]);

/** The wall clock in ns since 1970-01-01 UTC. */
int64_t trw_now_ns(void);

/** A clock that never goes back, in ns from an arbitrary start. */
int64_t trw_monotonic_ns(void);

#define TRW_SIZE_TEXT 32

/** "1.5 GiB", "300 B". */
void trw_size_text(uint64_t bytes, char out[TRW_SIZE_TEXT]);
