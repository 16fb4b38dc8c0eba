/* SPDX-License-Identifier: Apache-2.0 */
/** Small text jobs: hex, UTF-8, UTF-16, sizes for people. */
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

/** The folder that path is in: "." where it has no '/'. Heap, or NULL with err filled. */
TRW_NODISCARD char *trw_folder_of(const char *path, struct trw_err *err);

/** Lower-case hex of n bytes into out, which holds 2 * n + 1 chars. */
void trw_hex(const uint8_t *p, size_t n, char *out);

/** 2 * n hex digits of s into out; false (out undefined) unless s is exactly that. */
TRW_NODISCARD bool trw_unhex(const char *s, uint8_t *out, size_t n);

/** Length of the well-formed character at the front of n bytes, at least 1; 0: there is none, or a NUL. */
size_t trw_utf8_length(const uint8_t *p, size_t n);

/** True when the n bytes are well-formed UTF-8 (Unicode 15, table 3-7) without a NUL. */
bool trw_utf8_valid(const uint8_t *p, size_t n);

/**
 * A display form of n raw bytes: as they are where they are well-formed UTF-8, each other byte (and NUL)
 * as U+FFFD. NUL-terminated heap string, free with free(); NULL with err filled.
 */
TRW_NODISCARD char *trw_utf8_display(const uint8_t *p, size_t n, struct trw_err *err);

/** The same on one line: each control character is a space (trw_one_line). */
TRW_NODISCARD char *trw_utf8_line(const uint8_t *p, size_t n, struct trw_err *err);

#define TRW_UTF8_MAX 4 /* bytes of a character */

/** Character c (below 0x110000, no surrogate) as UTF-8 into out; its length. */
size_t trw_utf8_put(uint32_t c, char out[TRW_UTF8_MAX]);

/**
 * The character at the front of n bytes of UTF-16, at least 2; *used is how many it took. A surrogate without
 * its partner is U+FFFD; what else is not wanted, such as NUL, is the caller's to replace.
 */
uint32_t trw_utf16_get(const uint8_t *p, size_t n, bool is_big, size_t *used);

#define TRW_SIZE_TEXT 32

/** "1.5 GiB", "300 B". */
void trw_size_text(uint64_t bytes, char out[TRW_SIZE_TEXT]);
