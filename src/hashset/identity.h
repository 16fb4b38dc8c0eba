/* SPDX-License-Identifier: Apache-2.0 */
/** What tells one set from another: for who writes it and who checks it. Threads: one owner. */
#pragma once

#include "hashset/layout.h"

struct trw_identity_text { /* borrowed; all-zero: not said */
	const char *p;
	size_t n;
};

/**
 * What goes in beside the header's kinds, class and section digests. All-zero: no fact came yet.
 */
struct trw_identity {
	struct trw_identity_text id, name, version, block_size;
	struct trw_identity_text *marks; /* owned */
	size_t n_marks, cap_marks;
};

/**
 * One fact of the list; most have no part in it. Of those but marks the last one counts. Errors:
 * TRW_ENOMEM, TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_identity_fact(struct trw_identity *x,
	const struct trw_identity_text *key, const struct trw_identity_text *value,
	struct trw_err *err);
void trw_identity_clear(struct trw_identity *x);

/**
 * SHA-256 over, each behind its length as u64: "trowel set 1"; id; name; version; block size as
 * text; class as u32; kinds as u32; the marks in byte order; SHA-256 of rows, profiles and extras
 * (32 zero bytes for a section that is not there). Little endian. Sorts the marks.
 */
void trw_identity_digest(struct trw_identity *x, const struct trw_tset_header *h, uint8_t out[32]);
