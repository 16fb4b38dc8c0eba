/* SPDX-License-Identifier: Apache-2.0 */
/** The commands below `trowel set`, and what they share. */
#pragma once

#include "cli/command.h"
#include "hashset/set.h"

extern const struct trw_command trw_command_set_import, trw_command_set_export,
	trw_command_set_info, trw_command_set_lookup, trw_command_set_diff, trw_command_set_merge,
	trw_command_set_verify;

/**
 * Open a set and compare its quick checksum. Errors: those of trw_set_open and trw_set_check, with the path.
 */
TRW_NODISCARD enum trw_status trw_cli_set_open(
	const char *path, struct trw_set **out, struct trw_err *err);

/** The class of this name; TRW_EUSAGE. */
TRW_NODISCARD enum trw_status trw_cli_set_class(
	const char *name, enum trw_set_class *out, struct trw_err *err);

/** The kind of this name ("md5", "SHA-256"), TRW_HASH_N for NULL; TRW_EUSAGE. */
TRW_NODISCARD enum trw_status trw_cli_hash_kind(
	const char *name, enum trw_hash_kind *out, struct trw_err *err);

/** "list NAME, version V, alert: 3 entries"; of one line, with its end. */
void trw_cli_set_line(const struct trw_set *set);
