/* SPDX-License-Identifier: Apache-2.0 */
/** What a command is: an entry of main's table. */
#pragma once

#include "cli/option.h"
#include "cli/say.h"

/** What a command does with a path. A new command that says nothing is locked down to reading the files it is given. */
enum trw_use {
	TRW_USE_READ, /* a file, with side files of SQLite; a folder, with all that is in it */
	TRW_USE_DATABASE, /* an evidence database that is read, after what a killed run left was put right */
	TRW_USE_WRITE, /* what is written, with temporary files beside it */
	TRW_USE_IMAGE, /* an image, with all that lies beside it; workers are started */
	TRW_USE_NONE   /* no path */
};

struct trw_command {
	const char *name;
	const char *operands; /* for the usage line: "IMAGE... -o DB" */
	const char *summary;  /* one line */
	const struct trw_option *options;
	size_t n_options;
	enum trw_use first, others; /* operands; what options name stands in their kind */
	bool recalls_images; /* a database may name the image to read: any file can be read, and workers are started */
	enum trw_exit (*run)(const struct trw_command *self, int argc, char **argv);
	const struct trw_command *const
		*parts; /* of a command of commands, "set import" ...; NULL at the end */
};

extern const struct trw_command trw_command_index, trw_command_info, trw_command_ls,
	trw_command_cat, trw_command_verify, trw_command_digest, trw_command_set, trw_command_match;
