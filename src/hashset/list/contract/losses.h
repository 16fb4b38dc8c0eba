/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What of a set a format could not carry: counted while it is written, told at the end. Threads:
 * one owner.
 */
#pragma once

#include "hashset/list/contract/writer.h"

/** Fields of an entry that a format carries. */
enum {
	TRW_CARRIES_SIZE = 1,
	TRW_CARRIES_NAME = 2,
	TRW_CARRIES_CATEGORY = 4,
	TRW_CARRIES_PROPERTIES = 8 /* all of them; a format that carries some counts itself */
};

/**
 * All-zero: nothing was lost yet. Numbers of single digests, sizes, ... of the entries that were
 * written.
 */
struct trw_losses {
	uint64_t n_digests, n_sizes, n_names, n_categories, n_properties;
	uint64_t n_bent; /* names that were written with other characters in place of some bytes */
	uint64_t n_without; /* entries left out: they lack what the format cannot do without */
	bool has_marks;     /* the format carries the handling marks of the list */
};

/** Count an entry that is written with these kinds and fields alone. */
void trw_losses_add(
	struct trw_losses *l, const struct trw_entry *e, uint32_t kinds, unsigned carries);

/** Tell all of it with x->leave; without: the literal for n_without, "entries without an MD5". */
void trw_losses_tell(const struct trw_losses *l, const char *without, const struct trw_export *x);
