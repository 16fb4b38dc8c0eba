/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/export.h"

#include "cli/interrupt.h"
#include "cli/set.h"
#include "cli/target.h"
#include "hashset/list/format/formats.h"

#include <string.h>
#include <unistd.h>

struct export_values {
	const char *output, *format, *kind;
	uint64_t filter_odds;
	bool has_force, no_sandbox;
};

#define AT(field) offsetof(struct export_values, field)
static const struct trw_option options[] = {
	{"output", 'o', TRW_OPTION_OUTPUT, "FILE", AT(output),
		"file, or folder for misp and hfind; - is standard output (default)"},
	{"format", 'f', TRW_OPTION_TEXT, "FORMAT", AT(format),
		"what to write (required); 'trowel set import --formats' lists them"},
	{"kind", 'k', TRW_OPTION_TEXT, "KIND", AT(kind),
		"digest of formats that hold one: md5, sha1, sha256 (default: what most have)"},
	{"odds", 0, TRW_OPTION_NUMBER, "N", AT(filter_odds),
		"of a Bloom filter: one in N is a false hit (default: 10000)"},
	{"force", 0, TRW_OPTION_FLAG, NULL, AT(has_force),
		"replace a file or an export that is there; never an input, image or evidence database"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static void
result_show(const struct trw_export_result *r, const char *output)
{
	if (strcmp(output, "-") != 0) {
		trw_say_name(stdout, output, strlen(output));
		printf(": %" PRIu64 " of %" PRIu64 " entries\n", r->n_written, r->n_entries);
	}
	for (size_t i = 0; i < r->n_left; i++)
		trw_say("left out: %" PRIu64 " %s", r->left[i].n, r->left[i].what);
}

/* What only the set holds beside the digests is no loss to speak of; an entry that is missing in the output is. */
static enum trw_exit
set_export(const struct export_values *v, const struct trw_target *target, const char *set,
	enum trw_hash_kind kind)
{
	struct trw_export_result result = {0};
	struct trw_err err = {0};
	const struct trw_export_options job = {
		.set_path = set,
		.format = v->format,
		.target = *target,
		.fd = STDOUT_FILENO,
		.kind = kind,
		.filter_rate = v->filter_odds > 0 ? 1.0 / (double)v->filter_odds : 0,
	};

	if (trw_export_run(&job, &result, &err) < 0)
		return trw_say_failure(&err);
	result_show(&result, v->output != NULL ? v->output : "-");
	return result.n_written < result.n_entries ? TRW_EXIT_PROBLEMS : TRW_EXIT_DONE;
}

static enum trw_exit
export_to(const struct trw_command *self, const struct export_values *v,
	const struct trw_texts *sets, enum trw_hash_kind kind)
{
	const struct trw_format *format = trw_format_named(v->format);
	const struct trw_call call = {self, v, sets};
	const struct trw_target_rule rule = {
		.what = format != NULL && format->is_folder ? TRW_WRITES_FOLDER : TRW_WRITES_FILE,
		.files = format != NULL ? format->files : NULL,
		.has_force = v->has_force,
		.has_standard = true,
	};
	struct trw_cli_target target;
	struct trw_err err = {0};
	enum trw_exit over;

	over = trw_cli_target(&call, &rule, &target, &err) < 0
		       ? trw_say_failure(&err)
		       : set_export(v, &target.target, sets->v[0], kind);
	trw_cli_target_clear(&target);
	return over;
}

static enum trw_exit
export_run(const struct trw_command *self, int argc, char **argv)
{
	struct export_values values = {0};
	struct trw_texts operands = {0};
	enum trw_hash_kind kind = TRW_HASH_N;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (!trw_command_parse(self, argc, argv, &values, &operands, 1, 1, &over))
		goto out;
	if (values.format == NULL) {
		over = trw_say_usage("no format named: use -f FORMAT");
	} else if (trw_cli_hash_kind(values.kind, &kind, &err) < 0) {
		over = trw_say_usage("%s", err.text);
	} else {
		trw_interrupt_watch();
		over = export_to(self, &values, &operands, kind);
	}
out:
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_set_export = {
	.name = "set export",
	.operands = "-f FORMAT SET",
	.summary = "Write a set in a format that other programs read.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = export_run,
};
