/* SPDX-License-Identifier: Apache-2.0 */
/** A format of hash lists: how it is told from its first bytes, read and written. */
#pragma once

#include "hashset/list/contract/list.h"

/** The first bytes of a file, without a byte order mark. */
struct trw_head {
	const uint8_t *p;
	size_t n;
	bool is_all; /* it has no more */
};

/**
 * How sure a format is that the bytes are its own. The highest answer of all formats wins; two
 * equal ones are an ambiguity.
 */
enum trw_claim {
	TRW_CLAIM_NO = 0,
	TRW_CLAIM_SHAPE =
		1, /* the general shape: a CSV with a column named MD5, hex digits on every line */
	TRW_CLAIM_HEADER = 2, /* names that only this format has */
	TRW_CLAIM_MAGIC = 3   /* a signature */
};

/** Some databases are followed by deltas, which need the one that they belong to. */
enum trw_format_chain {
	TRW_CHAIN_NONE = 0,
	TRW_CHAIN_BASE, /* it is what the deltas behind it change: their trw_list.base */
	TRW_CHAIN_DELTA /* it changes its base, which is then none for another delta */
};

struct trw_export;

struct trw_format {
	const char *name;    /* for --format: "md5sum", "nsrl-v3" */
	const char *summary; /* one line for `trowel set import -h` and the man page */
	enum trw_claim (*probe)(const struct trw_head *head); /* NULL: only by --format */
	/*
	 * Reads all of l->input, which is at its start. A record that is wrong goes to
	 * trw_list_reject; what makes the rest unreadable is TRW_ECORRUPT with a line or byte.
	 * NULL: only written.
	 */
	enum trw_status (*read)(struct trw_list *l, struct trw_err *err);
	enum trw_status (*write)(struct trw_export *x, struct trw_err *err); /* NULL: only read */
	bool is_folder; /* the output of write is a folder */
	/* Of a folder: patterns of fnmatch(3) for the files that write makes, NULL at the end. */
	const char *const *files;
	enum trw_format_chain chain;
	/*
	 * Recognised, but not a list: why, and what to do with it (a Bloom filter, a MISP index);
	 * NULL.
	 */
	const char *refusal;
};
