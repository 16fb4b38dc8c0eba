/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The files that a call reads: its arguments, the options of kind TRW_OPTION_INPUTS and TRW_OPTION_IMAGES, and what goes with them: all segments of an
 * image, the side files of a SQLite list, the files of a folder, the images that an evidence database names.
 */
#pragma once

#include "cli/commands.h"

/** What a command was called with. Borrowed. */
struct trw_call {
	const struct trw_command *self;
	const void *values; /* by its option table */
	const struct trw_texts *operands;
};

/** The file or folder that is asked for, by device and inode: so hard links, symbolic links and other spellings are the same. */
struct trw_file_id {
	uint64_t dev, ino;
};

/**
 * Does the call read the file? *how then says as what: "a segment of disk.E01". Heap; NULL: no. Errors: TRW_ENOMEM, TRW_ELIMIT; those of
 * trw_evidence_open: a database that cannot be read cannot say which images are its own.
 */
TRW_NODISCARD enum trw_status trw_inputs_find(
	const struct trw_call *call, struct trw_file_id file, char **how, struct trw_err *err);
