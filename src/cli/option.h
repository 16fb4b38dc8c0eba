/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options: one table for each command feeds the parser, the -h text and, through that text, the shell
 * completions and the lint that compares it with the man page.
 */
#pragma once

#include "base/status.h"

enum trw_option_kind {        /* what lies at `at` */
	TRW_OPTION_FLAG,      /* bool: the option has no argument */
	TRW_OPTION_TEXT,      /* const char *, borrowed from argv; NULL = not given */
	TRW_OPTION_TEXTS,     /* struct trw_texts: the option may be given again */
	TRW_OPTION_INPUTS,    /* the same: paths of files that are read */
	TRW_OPTION_IMAGES,    /* the same: paths of images, which workers read, too */
	TRW_OPTION_OUTPUT,    /* const char *: the path of what is written */
	TRW_OPTION_NUMBER,    /* uint64_t from decimal digits */
	TRW_OPTION_SIZE,      /* uint64_t bytes: digits and K, M, G or T (powers of 1024) */
	TRW_OPTION_HELP,      /* nothing: the parser answers TRW_END */
	TRW_OPTION_NO_SANDBOX /* bool: a flag that lockdown.h looks at */
};

struct trw_option {
	const char *name; /* long form, without the dashes */
	char letter;      /* short form, 0 = none */
	enum trw_option_kind kind;
	const char *argument; /* its name in the help; NULL for flags */
	size_t at;            /* offset of the value in the command's struct */
	const char *help;     /* one line */
};

/** The last line of every table. */
#define TRW_OPTION_HELP_ROW                                                                        \
	{                                                                                          \
		.name = "help", .letter = 'h', .kind = TRW_OPTION_HELP, .help = "show this help"   \
	}

/** The line before it, of every command that reads anything; at: of a bool. */
#define TRW_OPTION_NO_SANDBOX_ROW(at)                                                              \
	{                                                                                          \
		"no-sandbox", 0, TRW_OPTION_NO_SANDBOX, NULL, (at),                                \
			"read foreign files without lock-down"                                     \
	}

/** Values of a command that has no other option. */
struct trw_plain_values {
	bool no_sandbox;
};

struct trw_texts {
	const char **v; /* owned; the strings are argv's */
	size_t n;
};

void trw_texts_clear(struct trw_texts *texts);

/** All of s as decimal digits; false when it is anything else or passes 64 bits. */
TRW_NODISCARD bool trw_number_parse(const char *s, uint64_t *out);

/**
 * Read argv[1..argc) by the table into the struct at values (all-zero or with defaults) and what is no
 * option into operands. Long options as --name=value or --name value, short ones alone or together;
 * "--" ends the options. TRW_END: the user wants the help. Errors: TRW_EUSAGE (unknown option, missing or
 * wrong argument, given twice), TRW_ENOMEM; values and operands must be cleared by the caller either way.
 */
TRW_NODISCARD enum trw_status trw_options_parse(const struct trw_option *table, size_t n, int argc,
	char **argv, void *values, struct trw_texts *operands, struct trw_err *err);
