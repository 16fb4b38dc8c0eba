/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/import.h"

#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/set.h"
#include "cli/target.h"
#include "hashset/list/format/formats.h"

#include <string.h>
#include <unistd.h>

#define REJECT_PERCENT 25 /* default of --max-rejected */
#define BLOCK_SIZE_MAX ((uint64_t)1 << 30)
#define SHOW_NS INT64_C(500000000)

struct import_values {
	const char *output, *format, *class, *id, *name, *version, *map, *member;
	struct trw_texts marks;
	uint64_t memory, max_rejected, block_size;
	bool is_strict, keep_names, no_properties, with_unconfirmed, quiet, list_formats, has_force,
		no_sandbox;
};

#define AT(field) offsetof(struct import_values, field)
static const struct trw_option options[] = {
	{"output", 'o', TRW_OPTION_OUTPUT, "SET", AT(output), "the set to write (required)"},
	{"class", 'c', TRW_OPTION_TEXT, "CLASS", AT(class),
		"what a hit means: alert, known-good or triage (default)"},
	{"format", 'f', TRW_OPTION_TEXT, "FORMAT", AT(format),
		"of all files (default: told from the content of each)"},
	{"formats", 0, TRW_OPTION_FLAG, NULL, AT(list_formats), "list the formats and end"},
	{"id", 0, TRW_OPTION_TEXT, "TEXT", AT(id), "id of the list (default: its name)"},
	{"name", 0, TRW_OPTION_TEXT, "TEXT", AT(name),
		"name of the list (default: what the files say, or their name)"},
	{"list-version", 0, TRW_OPTION_TEXT, "TEXT", AT(version),
		"version of the list (default: what the files say)"},
	{"mark", 0, TRW_OPTION_TEXTS, "MARK", AT(marks),
		"handling mark such as tlp:amber, beside those of the files"},
	{"map", 0, TRW_OPTION_TEXT, "MAP", AT(map),
		"columns of format csv: md5=3,category=5,scheme=UK"},
	{"member", 0, TRW_OPTION_TEXT, "NAME", AT(member), "which file of a zip"},
	{"block-size", 0, TRW_OPTION_SIZE, "SIZE", AT(block_size),
		"bytes of a block, for lists of block hashes"},
	{"names", 0, TRW_OPTION_FLAG, NULL, AT(keep_names), "keep the names of files"},
	{"no-properties", 0, TRW_OPTION_FLAG, NULL, AT(no_properties),
		"keep digests, size and category only"},
	{"unconfirmed", 0, TRW_OPTION_FLAG, NULL, AT(with_unconfirmed),
		"take also what the source itself does not vouch for"},
	{"strict", 0, TRW_OPTION_FLAG, NULL, AT(is_strict), "fail at the first rejected record"},
	{"max-rejected", 0, TRW_OPTION_NUMBER, "PERCENT", AT(max_rejected),
		"fail when more of the records are rejected (default: 25)"},
	{"memory", 'm', TRW_OPTION_SIZE, "SIZE", AT(memory),
		"bytes to hold at most before sorting on disk (default: 1G)"},
	{"quiet", 'q', TRW_OPTION_FLAG, NULL, AT(quiet), "say nothing but errors"},
	{"force", 0, TRW_OPTION_FLAG, NULL, AT(has_force),
		"replace a file that is there; never an input, image or evidence database"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static enum trw_status
values_check(const struct import_values *v, enum trw_set_class *class, struct trw_err *err)
{
	*class = TRW_SET_TRIAGE;
	if (v->output == NULL)
		return trw_fail(err, TRW_EUSAGE, "no set named: use -o SET");
	if (v->format != NULL && trw_format_named(v->format) == NULL)
		return trw_fail(err, TRW_EUSAGE,
			"no format '%s': 'trowel set import --formats' lists them", v->format);
	if (v->max_rejected > 100)
		return trw_fail(err, TRW_EUSAGE, "--max-rejected is at most 100");
	if (v->block_size > BLOCK_SIZE_MAX)
		return trw_fail(err, TRW_EUSAGE, "--block-size is at most 1G");
	return v->class == NULL ? TRW_OK : trw_cli_set_class(v->class, class, err);
}

static void
formats_show(void)
{
	for (size_t i = 0; trw_formats[i] != NULL; i++) {
		const struct trw_format *f = trw_formats[i];
		printf("%-20s %s%s  %s\n", f->name, f->read != NULL ? "r" : "-",
			f->write != NULL ? "w" : "-", f->summary);
	}
}

/* A live line on a terminal, wiped at the end. */
struct meter {
	int64_t next_ns;
	bool is_shown;
};

static void
meter_show(void *ctx, uint64_t done, uint64_t size, uint64_t n_records)
{
	struct meter *m = ctx;
	int64_t now = trw_monotonic_ns();

	if (now < m->next_ns)
		return;
	m->next_ns = now + SHOW_NS;
	m->is_shown = true;
	fprintf(stderr, "\r%3.0f %%  %" PRIu64 " records\033[K",
		size > 0 ? 100.0 * (double)done / (double)size : 0.0, n_records);
}

static void
meter_wipe(const struct meter *m)
{
	if (m->is_shown)
		fputs("\r\033[K", stderr);
}

static void
rejects_show(const struct trw_list_report *r)
{
	size_t n = r->n_rejected < TRW_REJECTS_SHOWN ? (size_t)r->n_rejected : TRW_REJECTS_SHOWN;

	for (size_t i = 0; i < n; i++)
		trw_say("%s: %s %" PRIu64 " rejected: %s", r->rejects[i].file, r->rejects[i].what,
			r->rejects[i].place, r->rejects[i].reason);
	if (r->n_rejected > n)
		trw_say("%" PRIu64 " more were rejected", r->n_rejected - n);
}

static void
counted(uint64_t n, const char *what)
{
	if (n > 0)
		printf("  %" PRIu64 " %s\n", n, what);
}

static void
result_show(const char *output, const struct trw_import_result *r, enum trw_set_class class)
{
	for (size_t i = 0; i < r->n_files; i++) {
		trw_say_name(stdout, r->files[i].path, strlen(r->files[i].path));
		printf(": %s, %" PRIu64 " accepted, %" PRIu64 " rejected\n", r->files[i].format,
			r->files[i].n_accepted, r->files[i].n_rejected);
	}
	trw_say_name(stdout, output, strlen(output));
	printf(": %s, %" PRIu64 " entries\n", trw_set_class_name(class), r->built.n_entries);
	counted(r->built.n_duplicates, "were there already");
	counted(r->built.n_trivial,
		"dropped: digests that any disk has, such as of the empty file");
	counted(r->built.n_stripped, "lost a digest that any disk has, and kept their others");
	counted(r->built.n_suspect, "dropped: marked as malicious or special by the source");
	counted(r->built.n_empty, "dropped: without a digest that a set can hold");
	counted(r->report.n_withdrawn, "withdrawn by the source");
	for (size_t i = 0; i < r->report.n_left; i++)
		printf("  left behind: %" PRIu64 " %s\n", r->report.left[i].n,
			r->report.left[i].what);
}

static enum trw_exit
import(const struct import_values *v, const struct trw_target *target,
	const struct trw_texts *files, enum trw_set_class class)
{
	struct trw_import_result result = {0};
	struct trw_err err = {0};
	struct meter meter = {.next_ns = trw_monotonic_ns() + SHOW_NS};
	bool is_live = !v->quiet && isatty(STDERR_FILENO) == 1;
	const struct trw_import_options job = {
		.paths = files->v,
		.n_paths = files->n,
		.member = v->member,
		.format = v->format,
		.list = {.map = v->map,
			.is_strict = v->is_strict,
			.with_unconfirmed = v->with_unconfirmed,
			.block_size = (uint32_t)v->block_size,
			.is_known_good = class == TRW_SET_KNOWN_GOOD},
		.set = {.target = *target,
			.memory = v->memory,
			.class = class,
			.keep_names = v->keep_names,
			.keep_properties = !v->no_properties},
		.id = v->id,
		.name = v->name,
		.version = v->version,
		.marks = v->marks.v,
		.n_marks = v->marks.n,
		.reject_max = (double)v->max_rejected / 100.0,
		.progress = is_live ? meter_show : NULL,
		.ctx = &meter,
	};
	enum trw_status st = trw_import_run(&job, &result, &err);
	enum trw_exit over = TRW_EXIT_DONE;

	meter_wipe(&meter);
	rejects_show(&result.report);
	if (st < 0)
		over = trw_say_failure(&err);
	else if (!v->quiet)
		result_show(v->output, &result, class);
	if (st == TRW_OK && result.report.n_rejected > 0)
		over = TRW_EXIT_PROBLEMS;
	trw_import_result_clear(&result);
	return over;
}

static enum trw_exit
import_to(const struct trw_command *self, const struct import_values *v,
	const struct trw_texts *files, enum trw_set_class class)
{
	const struct trw_call call = {self, v, files};
	const struct trw_target_rule rule = {.what = TRW_WRITES_SET, .has_force = v->has_force};
	struct trw_cli_target target;
	struct trw_err err = {0};
	enum trw_exit over;

	over = trw_cli_target(&call, &rule, &target, &err) < 0
		       ? trw_say_failure(&err)
		       : import(v, &target.target, files, class);
	trw_cli_target_clear(&target);
	return over;
}

static enum trw_exit
import_run(const struct trw_command *self, int argc, char **argv)
{
	struct import_values values = {.max_rejected = REJECT_PERCENT};
	struct trw_texts files = {0};
	enum trw_set_class class = TRW_SET_TRIAGE;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (!trw_command_parse(self, argc, argv, &values, &files, 0, SIZE_MAX, &over))
		goto out;
	if (values.list_formats) {
		formats_show();
	} else if (files.n == 0) {
		over = trw_say_usage("too few arguments, it takes %s", self->operands);
	} else if (values_check(&values, &class, &err) < 0) {
		over = trw_say_usage("%s", err.text);
	} else {
		trw_interrupt_watch();
		over = import_to(self, &values, &files, class);
	}
out:
	trw_texts_clear(&values.marks);
	trw_texts_clear(&files);
	return over;
}

const struct trw_command trw_command_set_import = {
	.name = "set import",
	.operands = "FILE... -o SET",
	.summary = "Compile hash lists of any format into a set.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = import_run,
};
