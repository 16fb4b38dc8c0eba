/* SPDX-License-Identifier: Apache-2.0 */
/** What every command does first: options, help, lock-down. */
#pragma once

#include "cli/commands.h"

/** The command of this name among n, or NULL. A part has the name of its command before its own: "set import". */
const struct trw_command *trw_command_find(
	const struct trw_command *const *commands, const char *group, const char *name);

/** The -h text on standard output. */
void trw_command_help(const struct trw_command *self);

/**
 * Parse the options, check that there are n_min to n_max operands, and lock the process down to what they name (lockdown.h).
 * False: the command is over and *over is its exit status (the help was shown, or the error was said).
 */
TRW_NODISCARD bool trw_command_parse(const struct trw_command *self, int argc, char **argv,
	void *values, struct trw_texts *operands, size_t n_min, size_t n_max, enum trw_exit *over);
