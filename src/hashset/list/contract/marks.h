/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The handling marks of a list ("tlp:amber", "pap:red") and of an entry, one word after the other.
 * Threads: any.
 */
#pragma once

#include "hashset/set.h"

#define TRW_MARKS_MAX 64 /* different ones that a format defines */

/**
 * All-zero but for what it walks over: the facts of a set, the property "marks" of an entry, or
 * both (first the set's).
 */
struct trw_marks {
	const struct trw_set *set;     /* NULL: not these */
	const struct trw_entry *entry; /* NULL: not these */
	size_t n_facts;                /* that were looked at */
	const char *rest;              /* of a text that holds several */
	size_t rest_len;
};

/** The next mark, borrowed from the set or entry; false when there are no more. */
bool trw_marks_next(struct trw_marks *m, const char **mark, size_t *n);
