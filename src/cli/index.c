/* SPDX-License-Identifier: Apache-2.0 */
#include "index/index.h"

#include "base/buf.h"
#include "cli/command.h"
#include "cli/host.h"
#include "cli/interrupt.h"
#include "cli/lockdown.h"
#include "cli/meter.h"

#include <string.h>

#define JOBS_MAX 256
#define TIMEOUT_MAX_S 86400
#define SECTOR_MAX 65536
#define NS_PER_S UINT64_C(1000000000)

struct index_values {
	const char *output, *case_number, *examiner, *evidence_id, *progress;
	struct trw_texts sets, alerts;
	uint64_t jobs, memory, item_timeout, max_sparse, sector_size;
	bool add, resume, no_verify, no_sandbox, quiet;
};

#define AT(field) offsetof(struct index_values, field)
static const struct trw_option options[] = {
	{"output", 'o', TRW_OPTION_OUTPUT, "DB", AT(output),
		"the evidence database to write (required)"},
	{"add", 'a', TRW_OPTION_FLAG, NULL, AT(add), "add the images to DB, which exists"},
	{"resume", 0, TRW_OPTION_FLAG, NULL, AT(resume),
		"go on with the run in DB that was killed, interrupted or failed"},
	{"set", 's', TRW_OPTION_INPUTS, "FILE", AT(sets),
		"look contents up in this compiled hash set; may be given again"},
	{"alert", 0, TRW_OPTION_TEXTS, "CATEGORY", AT(alerts),
		"SCHEME:CATEGORY[,CATEGORY...]: what of a match is an alert"},
	{"jobs", 'j', TRW_OPTION_NUMBER, "N", AT(jobs), "threads that digest (default: one a CPU)"},
	{"memory", 'm', TRW_OPTION_SIZE, "SIZE", AT(memory),
		"bytes of backlog to hold at most (default: 1G)"},
	{"no-verify", 0, TRW_OPTION_FLAG, NULL, AT(no_verify),
		"leave out the digests of the images themselves; on record"},
	{"no-sandbox", 0, TRW_OPTION_NO_SANDBOX, NULL, AT(no_sandbox),
		"read evidence without lock-down; on record"},
	{"case-number", 0, TRW_OPTION_TEXT, "TEXT", AT(case_number), "for the record of the run"},
	{"examiner", 0, TRW_OPTION_TEXT, "TEXT", AT(examiner), "for the record of the run"},
	{"evidence-id", 0, TRW_OPTION_TEXT, "TEXT", AT(evidence_id),
		"for the record of the images"},
	{"item-timeout", 0, TRW_OPTION_NUMBER, "SECONDS", AT(item_timeout),
		"silence after which a worker counts as hung (default: 30)"},
	{"max-sparse", 0, TRW_OPTION_SIZE, "SIZE", AT(max_sparse),
		"bytes of holes up to which a sparse file is digested (default: 16G)"},
	{"sector-size", 0, TRW_OPTION_NUMBER, "N", AT(sector_size),
		"bytes of a sector where the image does not say"},
	{"progress", 'p', TRW_OPTION_TEXT, "MODE", AT(progress),
		"auto (default), plain, json or none"},
	{"quiet", 'q', TRW_OPTION_FLAG, NULL, AT(quiet), "say nothing but errors"},
	TRW_OPTION_HELP_ROW,
};

static enum trw_status
values_check(const struct index_values *v, enum trw_meter_mode *mode, struct trw_err *err)
{
	if (v->output == NULL)
		return trw_fail(err, TRW_EUSAGE, "no database named: use -o DB");
	if (v->add && v->resume)
		return trw_fail(err, TRW_EUSAGE,
			"--add begins a run, --resume goes on with one: give one of them");
	if (v->alerts.n > 0 && v->sets.n == 0)
		return trw_fail(
			err, TRW_EUSAGE, "--alert says what of a match is an alert: give --set");
	if (v->jobs > JOBS_MAX)
		return trw_fail(err, TRW_EUSAGE, "--jobs is at most %d", JOBS_MAX);
	if (v->item_timeout > TIMEOUT_MAX_S)
		return trw_fail(err, TRW_EUSAGE, "--item-timeout is at most %d", TIMEOUT_MAX_S);
	if (v->sector_size != 0 && (v->sector_size < 512 || v->sector_size > SECTOR_MAX ||
					   (v->sector_size & (v->sector_size - 1)) != 0))
		return trw_fail(err, TRW_EUSAGE, "--sector-size is a power of two from 512 to %d",
			SECTOR_MAX);
	if (v->quiet && v->progress != NULL)
		return trw_fail(err, TRW_EUSAGE, "--quiet and --progress contradict each other");
	*mode = v->quiet ? TRW_METER_NONE : TRW_METER_AUTO;
	if (v->progress != NULL && !trw_meter_mode_parse(v->progress, mode))
		return trw_fail(err, TRW_EUSAGE,
			"--progress is auto, plain, json or none, not '%s'", v->progress);
	return TRW_OK;
}

/* One word of the command line so that a shell reads it back. */
static enum trw_status
word_quote(struct trw_buf *b, const char *word, struct trw_err *err)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
	enum trw_status status;

	if (word[0] != '\0' && strspn(word, plain) == strlen(word))
		return trw_buf_put(b, word, strlen(word), err);
	status = trw_buf_put(b, "'", 1, err);
	for (const char *c = word; status == TRW_OK && *c != '\0'; c++)
		status = *c == '\'' ? trw_buf_put(b, "'\\''", 4, err) : trw_buf_put(b, c, 1, err);
	return status == TRW_OK ? trw_buf_put(b, "'", 1, err) : status;
}

static enum trw_status
arguments_quote(struct trw_buf *b, int argc, char **argv, struct trw_err *err)
{
	enum trw_status status = trw_buf_put(b, "trowel", 6, err);

	for (int i = 0; status == TRW_OK && i < argc; i++) {
		status = trw_buf_put(b, " ", 1, err);
		if (status == TRW_OK)
			status = word_quote(b, argv[i], err);
	}
	return status == TRW_OK ? trw_buf_put(b, "", 1, err) : status;
}

static void
hits_show(const struct trw_index_result *result)
{
	fputs("; ", stdout);
	trw_say_counts(&result->counts);
	if (result->n_unusable > 0)
		printf("; %" PRIu64 " entries without MD5, SHA-1 and SHA-256: never looked up",
			result->n_unusable);
}

static enum trw_exit
outcome(const struct index_values *v, const struct trw_index_result *result)
{
	if (result->cancelled) {
		trw_say("interrupted: %s is consistent and its run incomplete; go on with --resume",
			v->output);
		return TRW_EXIT_FAILED;
	}
	if (!v->quiet) {
		trw_say_unmet(result->unmet);
		trw_say_name(stdout, v->output, strlen(v->output));
		printf(": %" PRIu64 " files, %" PRIu64 " problems%s", result->n_files,
			result->n_problems, result->n_problems > 0 ? " (see 'trowel info')" : "");
		if (v->sets.n > 0)
			hits_show(result);
		putchar('\n');
	}
	return result->n_problems > 0 ? TRW_EXIT_PROBLEMS : TRW_EXIT_DONE;
}

static enum trw_exit
job_run(const struct index_values *v, enum trw_meter_mode mode, const struct trw_texts *images,
	const char *arguments)
{
	struct trw_progress progress = {0};
	struct trw_index_result result = {0};
	struct trw_meter *meter = NULL;
	struct trw_err err = {0};
	struct utsname room;
	enum trw_status status;

	status = trw_meter_start(mode, &progress, &meter, &err);
	if (status == TRW_OK)
		status = trw_index_run(
			&(struct trw_index_options){
				.images = images->v,
				.n_images = images->n,
				.output = v->output,
				.add = v->add,
				.resume = v->resume,
				.sets = v->sets.v,
				.n_sets = v->sets.n,
				.alerts = v->alerts.v,
				.n_alerts = v->alerts.n,
				.jobs = (unsigned)v->jobs,
				.memory = v->memory,
				.no_verify = v->no_verify,
				.no_sandbox = v->no_sandbox,
				.case_number = v->case_number,
				.examiner = v->examiner,
				.evidence_id = v->evidence_id,
				.arguments = arguments,
				.host = trw_host_name(&room),
				.sandbox = trw_lockdown_text(v->no_sandbox),
				.item_timeout_ns = v->item_timeout * NS_PER_S,
				.sparse_max = v->max_sparse,
				.sector_size = (uint32_t)v->sector_size,
				.progress = &progress,
			},
			&result, &err);
	trw_meter_stop(meter);
	if (status == TRW_ECANCEL)
		result.cancelled = true;
	else if (status < 0)
		return trw_say_failure(&err);
	return outcome(v, &result);
}

static enum trw_exit
index_run(const struct trw_command *self, int argc, char **argv)
{
	struct index_values values = {0};
	struct trw_texts images = {0};
	struct trw_buf arguments = {0};
	enum trw_meter_mode mode = TRW_METER_AUTO;
	enum trw_exit over = TRW_EXIT_DONE;
	struct trw_err err = {0};

	if (!trw_command_parse(self, argc, argv, &values, &images, 1, SIZE_MAX, &over))
		goto out;
	if (values_check(&values, &mode, &err) < 0) {
		over = trw_say_usage("%s", err.text);
		goto out;
	}
	if (arguments_quote(&arguments, argc, argv, &err) < 0) {
		over = trw_say_failure(&err);
		goto out;
	}
	trw_interrupt_watch();
	over = job_run(&values, mode, &images, (const char *)arguments.v);
out:
	trw_buf_clear(&arguments);
	trw_texts_clear(&values.sets);
	trw_texts_clear(&values.alerts);
	trw_texts_clear(&images);
	return over;
}

const struct trw_command trw_command_index = {
	.name = "index",
	.operands = "IMAGE... -o DB",
	.summary = "Read disk images and write an evidence database.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_IMAGE,
	.others = TRW_USE_IMAGE,
	.run = index_run,
};
