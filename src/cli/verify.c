/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/verify.h"

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/meter.h"
#include "evidence/evidence.h"

#include <string.h>

struct verify_values {
	struct trw_texts images;
	bool no_sandbox;
};

static const struct trw_option options[] = {
	{"image", 'i', TRW_OPTION_IMAGES, "IMAGE", offsetof(struct verify_values, images),
		"also read this image again; further ones may follow DB"},
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct verify_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static void
finding_show(void *ctx, const char *line)
{
	(void)ctx;
	trw_say_name(stdout, line, strlen(line));
	putchar('\n');
}

static enum trw_status
database_verify(const char *db, size_t *n_findings, struct trw_err *err)
{
	struct trw_evidence *ev = NULL;
	struct trw_err close_err = {0};
	enum trw_status status = trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, err);

	if (status == TRW_OK)
		status = trw_evidence_verify(ev, finding_show, NULL, n_findings, err);
	if (trw_evidence_close(ev, &close_err) < 0 && status == TRW_OK) {
		*err = close_err;
		status = close_err.status;
	}
	return status;
}

static enum trw_status
images_verify(
	const char *db, const struct verify_values *v, size_t *n_findings, struct trw_err *err)
{
	const struct trw_index_images images = {v->images.v, v->images.n, v->no_sandbox};
	struct trw_progress progress = {0};
	struct trw_meter *meter = NULL;
	enum trw_status status = trw_meter_start(TRW_METER_AUTO, &progress, &meter, err);

	trw_interrupt_watch();
	if (status == TRW_OK)
		status = trw_index_verify_images(
			db, &images, finding_show, NULL, n_findings, &progress, err);
	trw_meter_stop(meter);
	return status;
}

static enum trw_exit
verify(const char *db, const struct verify_values *v)
{
	size_t n_database = 0, n_images = 0;
	struct trw_err err = {0};

	if (database_verify(db, &n_database, &err) < 0)
		return trw_say_failure(&err);
	if (v->images.n > 0 && images_verify(db, v, &n_images, &err) < 0)
		return trw_say_failure(&err);
	if (n_database + n_images > 0)
		return TRW_EXIT_PROBLEMS;
	puts(v->images.n > 0 ? "database and images verified"
			     : "database verified; no image was read");
	return TRW_EXIT_DONE;
}

static enum trw_exit
verify_run(const struct trw_command *self, int argc, char **argv)
{
	struct verify_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (!trw_command_parse(self, argc, argv, &values, &operands, 1, SIZE_MAX, &over))
		goto out;
	if (operands.n > 1 && values.images.n == 0) {
		over = trw_say_usage(
			"surplus argument '%s': images go with --image", operands.v[1]);
		goto out;
	}
	/* Both lists have room for every word of the command line. */
	for (size_t i = 1; i < operands.n; i++)
		values.images.v[values.images.n++] = operands.v[i];
	over = verify(operands.v[0], &values);
out:
	trw_texts_clear(&values.images);
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_verify = {
	.name = "verify",
	.operands = "DB [--image IMAGE...]",
	.summary = "Check an evidence database, and images against it.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_DATABASE,
	.others = TRW_USE_IMAGE,
	.run = verify_run,
};
