/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/set.h"

#include <string.h>

enum trw_status
trw_cli_set_open(const char *path, struct trw_set **out, struct trw_err *err)
{
	struct trw_set *set = NULL;
	enum trw_status status = trw_set_open(path, &set, err);

	if (status == TRW_OK)
		status = trw_set_check(set, err);
	if (status < 0) {
		trw_set_close(set);
		return status;
	}
	*out = set;
	return TRW_OK;
}

enum trw_status
trw_cli_set_class(const char *name, enum trw_set_class *out, struct trw_err *err)
{
	for (int c = 0; c < TRW_SET_CLASS_N; c++)
		if (strcmp(name, trw_set_class_name((enum trw_set_class)c)) == 0) {
			*out = (enum trw_set_class)c;
			return TRW_OK;
		}
	return trw_fail(err, TRW_EUSAGE, "--class is alert, known-good or triage, not '%s'", name);
}

enum trw_status
trw_cli_hash_kind(const char *name, enum trw_hash_kind *out, struct trw_err *err)
{
	*out = name == NULL ? TRW_HASH_N : trw_hash_named(name, strlen(name));
	if (name != NULL && *out == TRW_HASH_N)
		return trw_fail(err, TRW_EUSAGE,
			"--kind is md5, sha1, sha256, sha512, sha224, sha384, pdq or block-md5, not '%s'",
			name);
	return TRW_OK;
}

void
trw_cli_set_line(const struct trw_set *set)
{
	const struct trw_set_info *info = trw_set_info(set);

	trw_say_name(stdout, info->path, strlen(info->path));
	fputs(": ", stdout);
	trw_say_name(stdout, info->name, strlen(info->name));
	if (info->version[0] != '\0') {
		fputs(", version ", stdout);
		trw_say_name(stdout, info->version, strlen(info->version));
	}
	printf(", %s, %" PRIu64 " entries\n", trw_set_class_name(info->class), info->n_entries);
}

static const struct trw_option options[] = {TRW_OPTION_HELP_ROW};

/* `trowel set` without a part: main hands over only what begins with '-', or nothing. */
static enum trw_exit
set_run(const struct trw_command *self, int argc, char **argv)
{
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, NULL, &operands, 0, 0, &over))
		over = trw_say_usage("no command given");
	trw_texts_clear(&operands);
	return over;
}

static const struct trw_command *const parts[] = {
	&trw_command_set_import,
	&trw_command_set_export,
	&trw_command_set_info,
	&trw_command_set_lookup,
	&trw_command_set_diff,
	&trw_command_set_merge,
	&trw_command_set_verify,
	NULL,
};

const struct trw_command trw_command_set = {
	.name = "set",
	.operands = "COMMAND",
	.summary = "Make, show, compare and export sets of known hash values.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = set_run,
	.parts = parts,
};
