/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/command.h"
#include "evidence/evidence.h"

static const struct trw_option options[] = {
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct trw_plain_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static enum trw_exit
digest_show(const char *db)
{
	uint8_t digest[TRW_CANONICAL_SIZE];
	char hex[2 * TRW_CANONICAL_SIZE + 1];
	struct trw_evidence *ev = NULL;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, &err) < 0 ||
		trw_evidence_digest(ev, digest, &err) < 0) {
		over = trw_say_failure(&err);
	} else {
		trw_hex(digest, sizeof(digest), hex);
		puts(hex);
	}
	if (trw_evidence_close(ev, &err) < 0 && over == TRW_EXIT_DONE)
		over = trw_say_failure(&err);
	return over;
}

static enum trw_exit
digest_run(const struct trw_command *self, int argc, char **argv)
{
	struct trw_plain_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &operands, 1, 1, &over))
		over = digest_show(operands.v[0]);
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_digest = {
	.name = "digest",
	.operands = "DB",
	.summary = "Print the canonical digest of an evidence database.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_DATABASE,
	.run = digest_run,
};
