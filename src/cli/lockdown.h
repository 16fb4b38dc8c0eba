/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lists, sets and databases come from peers, as images do from suspects: before a command looks at the first byte of one,
 * the process gives up what that command doesn't need. Nobody has to remember it: trw_command_parse does it for every
 * command, by its entry in the table of commands and its table of options.
 */
#pragma once

#include "cli/commands.h"

/**
 * Lock the process down to what the operands and options of this call name. values, operands: parsed. Does nothing where
 * --no-sandbox is given. Errors: TRW_ESANDBOX, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_lockdown(const struct trw_command *self, const void *values,
	const struct trw_texts *operands, struct trw_err *err);

/** What holds this process, for the record: "seccomp, Landlock 7", "none: --no-sandbox". Static storage. */
const char *trw_lockdown_text(bool is_off);
