/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a list says of itself, while its set is built: section meta (layout.h), and its part of the
 * identity. Threads: one owner.
 */
#pragma once

#include "base/buf.h"
#include "hashset/identity.h"

struct trw_fact {
	char *key, *value; /* owned */
	size_t value_len;
};

/** All-zero is empty. */
struct trw_facts {
	struct trw_fact *v; /* owned; in the order in which they came */
	/* owned; numbers of facts, by key, and by value where there may be several */
	uint32_t *sorted;
	size_t n, cap, cap_sorted, n_bytes; /* n_bytes: of the section */
};
void trw_facts_clear(struct trw_facts *f);

/** See trw_set_builder_fact, with its errors. */
TRW_NODISCARD enum trw_status trw_facts_add(struct trw_facts *f, const char *key, const char *value,
	size_t value_len, struct trw_err *err);

/** Section meta. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_facts_encode(
	const struct trw_facts *f, struct trw_buf *out, struct trw_err *err);

/**
 * The identity of a set with these facts into its header, which is otherwise complete. Errors:
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_facts_identify(
	const struct trw_facts *f, struct trw_tset_header *h, struct trw_err *err);
