/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files and folders that appear at their path when they are whole, and not before. Nothing is replaced that the target
 * does not name: what appears at the path while the new one is written is kept, and finishing fails. Threads: one owner.
 */
#pragma once

#include "base/status.h"

#include <sys/types.h>

/**
 * What is to be written where. All-zero but for the path: nothing may be there. A target that replaces something is made by
 * trw_target_look alone, by who has a rule why that may go (cli/target.h).
 */
struct trw_target {
	const char *path; /* borrowed */
	bool replaces;    /* the file or folder of these two numbers goes, and no other */
	dev_t dev;
	ino_t ino;
	const char *const *files; /* of a folder that is replaced with what is in it: patterns of
				     fnmatch(3) for its files, NULL at the end. NULL: it is empty */
};

/** The target that replaces what is at path now, if there is anything. */
struct trw_target trw_target_look(const char *path);

/** True when a name fits one of the patterns, as in struct trw_target. */
bool trw_target_fits(const char *name, const char *const *patterns);

/** All-zero is closed. */
struct trw_replace {
	struct trw_target target; /* target.path is path */
	char *path, *temp;        /* owned; temp: its name beside path until it is finished */
	int fd;                   /* of a file for reading and writing; while path is not NULL */
	bool is_folder;
};

/**
 * An empty file beside the path, mode 0600. Errors: TRW_EIO, with path and what to do; TRW_EUSAGE when something is there that
 * the target does not name, or that is no file; TRW_ENOMEM. *out is then closed.
 */
TRW_NODISCARD enum trw_status trw_replace_open(
	const struct trw_target *target, struct trw_replace *out, struct trw_err *err);

/** The same with an empty folder, mode 0700: fill temp with files that are synced. */
TRW_NODISCARD enum trw_status trw_replace_folder(
	const struct trw_target *target, struct trw_replace *out, struct trw_err *err);

/**
 * Sync, give it the name path, sync the folder that it is in, close. Errors: TRW_EIO, also when something is at the path that
 * the target does not name; path is as it was, and abandon is due.
 */
TRW_NODISCARD enum trw_status trw_replace_finish(struct trw_replace *r, struct trw_err *err);

/** Remove what is not finished. Fine after finish. */
void trw_replace_abandon(struct trw_replace *r);
