/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/set.h"

static const struct trw_option options[] = {
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct trw_plain_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static enum trw_exit
set_verify(const char *path)
{
	struct trw_set *set = NULL;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_set_open(path, &set, &err) < 0 || trw_set_verify(set, &err) < 0) {
		over = trw_say_failure(&err);
	} else {
		fputs("verified: ", stdout);
		trw_cli_set_line(set);
	}
	trw_set_close(set);
	return over;
}

static enum trw_exit
verify_run(const struct trw_command *self, int argc, char **argv)
{
	struct trw_plain_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (!trw_command_parse(self, argc, argv, &values, &operands, 1, SIZE_MAX, &over))
		goto out;
	for (size_t i = 0; i < operands.n; i++) {
		enum trw_exit one = set_verify(operands.v[i]);
		if (one != TRW_EXIT_DONE)
			over = one;
	}
out:
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_set_verify = {
	.name = "set verify",
	.operands = "SET...",
	.summary = "Check every byte of a set against its checksums and its index.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = verify_run,
};
