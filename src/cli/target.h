/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one way from an output option to a file that is written. The rule, for every command:
 *
 * - A set replaces a set; anything else is replaced only with --force.
 * - Never replaced, not with --force either: what the call reads (cli/inputs.h), a container or a segment of one, an evidence
 *   database, what may be a raw image, what is no regular file, a file that SQLite would take for a journal of a database.
 * - A folder is filled when it is empty, and replaced with --force when it holds files of the same format and nothing else.
 * - A symbolic link stays; what it leads to is what counts.
 *
 * Whatever the rule lets go is named by device and inode in the target, so that base/replace.h replaces that and nothing else.
 */
#pragma once

#include "base/replace.h"
#include "cli/inputs.h"

enum trw_writes {
	TRW_WRITES_FILE,
	TRW_WRITES_SET,
	TRW_WRITES_FOLDER,
	TRW_WRITES_DATABASE /* which is made anew or added to, by evidence/evidence.h, and never replaced */
};

struct trw_target_rule {
	enum trw_writes what;
	const char *const *files; /* of a folder: as in struct trw_target */
	bool has_force;           /* --force was given */
	bool has_standard;        /* "-", and no option at all, is standard output */
};

struct trw_cli_target {
	struct trw_target target; /* path "-": standard output */
	char *path;               /* owned; the target's */
};

/**
 * What the call's option of kind TRW_OPTION_OUTPUT may write. Temporary files of SQLite go to its folder from now on. Errors: TRW_EUSAGE, with
 * what is at the path and what to do; those of trw_inputs_find and trw_sniff. Clear it in any case. Before any thread starts.
 */
TRW_NODISCARD enum trw_status trw_cli_target(const struct trw_call *call,
	const struct trw_target_rule *rule, struct trw_cli_target *out, struct trw_err *err);
void trw_cli_target_clear(struct trw_cli_target *t);
