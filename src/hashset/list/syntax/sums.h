/* SPDX-License-Identifier: Apache-2.0 */
/** One line of a plain list or of a checksum file, whichever of their shapes it has. */
#pragma once

#include "hashset/kind.h"

enum trw_sum_shape {
	TRW_SUM_NONE = 0, /* no such line; reason says why */
	TRW_SUM_SKIP,     /* empty, or a comment */
	TRW_SUM_BARE,     /* a digest alone */
	TRW_SUM_NAMED     /* with a name: GNU, BSD, openssl, md5deep */
};

/** Borrowed from the line. */
struct trw_sum {
	enum trw_hash_kind kind; /* TRW_HASH_N: by the number of digits */
	const char *digits, *name, *size;
	size_t n_digits, name_len, size_len; /* name_len, size_len 0: none */
	bool is_escaped;                     /* the name has \\ \n \r, as coreutils write them */
	const char *reason;                  /* a literal */
};

/** Take a line apart; the digits are not checked beyond their number. */
enum trw_sum_shape trw_sum_parse(const char *line, size_t n, struct trw_sum *out);
