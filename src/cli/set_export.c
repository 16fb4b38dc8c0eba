/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/export.h"

#include "cli/interrupt.h"
#include "cli/set.h"
#include "hashset/list/format/formats.h"

#include <string.h>
#include <unistd.h>

struct export_values {
	const char *output, *format, *kind;
	uint64_t filter_odds;
};

#define AT(field) offsetof(struct export_values, field)
static const struct trw_option options[] = {
	{"output", 'o', TRW_OPTION_TEXT, "FILE", AT(output),
		"file, or folder for misp and hfind; - is standard output (default)"},
	{"format", 'f', TRW_OPTION_TEXT, "FORMAT", AT(format),
		"what to write (required); 'trowel set import --formats' lists them"},
	{"kind", 'k', TRW_OPTION_TEXT, "KIND", AT(kind),
		"digest of formats that hold one: md5, sha1, sha256 (default: what most have)"},
	{"odds", 0, TRW_OPTION_NUMBER, "N", AT(filter_odds),
		"of a Bloom filter: one in N is a false hit (default: 10000)"},
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
set_export(const struct export_values *v, const char *set, enum trw_hash_kind kind)
{
	const char *output = v->output != NULL ? v->output : "-";
	struct trw_export_result result = {0};
	struct trw_err err = {0};
	const struct trw_export_options job = {
		.set_path = set,
		.format = v->format,
		.path = output,
		.fd = STDOUT_FILENO,
		.kind = kind,
		.filter_rate = v->filter_odds > 0 ? 1.0 / (double)v->filter_odds : 0,
	};

	if (trw_export_run(&job, &result, &err) < 0)
		return trw_say_failure(&err);
	result_show(&result, output);
	return result.n_written < result.n_entries ? TRW_EXIT_PROBLEMS : TRW_EXIT_DONE;
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
		over = set_export(&values, operands.v[0], kind);
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
