/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The patterns of STIX 2.1 that say no more than which file it is (OASIS STIX 2.1, section 9):
 * equalities of file:hashes.* and file:size, as alternatives or together. Threads: any.
 */
#pragma once

#include "hashset/kind.h"

#define TRW_STIX_TERMS_MAX 64

struct trw_stix_term {
	enum trw_hash_kind kind;
	const char *digits; /* borrowed from the pattern */
	size_t n_digits;
};

struct trw_stix_pattern {
	struct trw_stix_term terms[TRW_STIX_TERMS_MAX];
	size_t n;
	bool is_or;       /* each term is a file of its own; else all are of one */
	const char *size; /* borrowed; of all of them */
	size_t size_len;  /* 0: none */
};

/**
 * NULL, or why the pattern is not taken, a literal: anything richer would change its meaning when a
 * part of it is taken alone.
 */
const char *trw_stix_pattern_parse(const char *p, size_t n, struct trw_stix_pattern *out);
