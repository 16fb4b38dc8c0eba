/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the categories of lists say that matters here: some have no place among known-good files.
 * Threads: any.
 */
#pragma once

#include "base/status.h"

/** The scheme of a category that is what hashlookup's KnownMalicious says. */
#define TRW_SCHEME_MALICIOUS "hashlookup-KnownMalicious"

/**
 * True of categories that say malicious or special, in whatever format they come: of NSRL M and S,
 * of hashlookup every one.
 */
bool trw_category_is_suspect(
	const char *scheme, size_t scheme_len, const char *category, size_t category_len);
