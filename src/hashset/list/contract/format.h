/* SPDX-License-Identifier: Apache-2.0 */
/** The formats of hash lists: how each is told from its first bytes, read and written. */
#pragma once

#include "hashset/list/contract/list.h"
#include "hashset/list/io/output.h"

/** The first bytes of a file, without a byte order mark. */
struct trw_head {
	const uint8_t *p;
	size_t n;
	bool is_all; /* it has no more */
};

/** How sure a format is that the bytes are its own. The highest answer of all formats wins; two equal ones are an ambiguity. */
enum trw_claim {
	TRW_CLAIM_NO = 0,
	TRW_CLAIM_SHAPE =
		1, /* the general shape: a CSV with a column named MD5, hex digits on every line */
	TRW_CLAIM_HEADER = 2, /* names that only this format has */
	TRW_CLAIM_MAGIC = 3   /* a signature */
};

struct trw_export;

struct trw_format {
	const char *name;    /* for --format: "md5sum", "nsrl-v3" */
	const char *summary; /* one line for `trowel set import -h` and the man page */
	enum trw_claim (*probe)(const struct trw_head *head); /* NULL: only by --format */
	/*
	 * Reads all of l->input, which is at its start. A record that is wrong goes to trw_list_reject; what makes the
	 * rest unreadable is TRW_ECORRUPT with a line or byte. NULL: only written.
	 */
	enum trw_status (*read)(struct trw_list *l, struct trw_err *err);
	enum trw_status (*write)(struct trw_export *x, struct trw_err *err); /* NULL: only read */
	bool is_folder; /* the output of write is a folder */
	const char *
		refusal; /* recognised, but not a list: why, and what to do with it (a Bloom filter, a MISP index); NULL */
};

/** All of them, NULL at the end: formats.c. */
extern const struct trw_format *const trw_formats[];

/** NULL when there is none of this name. */
const struct trw_format *trw_format_named(const char *name);

/**
 * Tell the format from the first bytes. Errors: TRW_EUSAGE: nothing claims it, or several do (the text names them all, and --format);
 * what the format refuses, with its reason; those of trw_input_head.
 */
TRW_NODISCARD enum trw_status trw_format_detect(
	struct trw_input *input, const struct trw_format **out, struct trw_err *err);
