/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/cat.h"

#include "base/io.h"
#include "cli/command.h"
#include "cli/interrupt.h"

#include <unistd.h>

struct cat_values {
	struct trw_texts images;
	bool no_sandbox;
};

static const struct trw_option options[] = {
	{"image", 'i', TRW_OPTION_IMAGES, "IMAGE", offsetof(struct cat_values, images),
		"where the image lies now; again for each segment (default: as recorded)"},
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct cat_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static enum trw_status
bytes_write(void *ctx, const void *p, size_t n, struct trw_err *err)
{
	enum trw_status status = trw_write_full(STDOUT_FILENO, p, n, err);

	(void)ctx;
	return status < 0 ? trw_fail_in(err, "standard output") : status;
}

static enum trw_exit
outcome(const struct trw_cat_result *result)
{
	if (result->digest_known && !result->digest_ok) {
		trw_say("these bytes are not the recorded ones: their digest differs");
		return TRW_EXIT_FAILED;
	}
	if (!result->complete) {
		trw_say("not all bytes could be had: zeros stand for the others");
		return TRW_EXIT_PROBLEMS;
	}
	if (!result->digest_known) {
		trw_say("unchecked: the database holds no digest of this file");
		return TRW_EXIT_PROBLEMS;
	}
	return TRW_EXIT_DONE;
}

static enum trw_exit
cat_run(const struct trw_command *self, int argc, char **argv)
{
	struct cat_values values = {0};
	struct trw_texts operands = {0};
	struct trw_cat_result result = {0};
	struct trw_index_images images;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;
	uint64_t id;

	if (!trw_command_parse(self, argc, argv, &values, &operands, 2, 2, &over))
		goto out;
	if (!trw_number_parse(operands.v[1], &id) || id == 0 || id > INT64_MAX) {
		over = trw_say_usage("'%s' is not a file's number", operands.v[1]);
		goto out;
	}
	trw_interrupt_watch();
	images = (struct trw_index_images){values.images.v, values.images.n, values.no_sandbox};
	if (trw_index_cat(operands.v[0], (int64_t)id, &images, bytes_write, NULL, &result, &err) <
		0)
		over = trw_say_failure(&err);
	else
		over = outcome(&result);
out:
	trw_texts_clear(&values.images);
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_cat = {
	.name = "cat",
	.operands = "DB ID",
	.summary = "Write a file's bytes from the image, checked against its digest.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_DATABASE,
	.others = TRW_USE_NONE,
	.recalls_images = true,
	.run = cat_run,
};
