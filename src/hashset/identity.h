/* SPDX-License-Identifier: Apache-2.0 */
/** What tells one set from another: for who writes it and who checks it. */
#pragma once

#include "hashset/layout.h"

/** What goes in beside the header's kinds, class and section digests. Texts by length; marks in any order. */
struct trw_identity {
	const char *id, *name, *version, *block_size; /* NUL-terminated; "" = not said */
	const char *const *marks;
	size_t n_marks;
};

/**
 * SHA-256 over, each behind its length as u64: "trowel set 1"; id; name; version; block size as text; class as u32; kinds as u32;
 * the marks in byte order; SHA-256 of rows, profiles and extras (32 zero bytes for a section that is not there). Little endian.
 * sorted: room for n_marks pointers.
 */
void trw_identity_digest(const struct trw_identity *x, const struct trw_tset_header *h,
	const char **sorted, uint8_t out[32]);
