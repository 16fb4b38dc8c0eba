/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/merge.h"

#include "base/alloc.h"
#include "cli/interrupt.h"
#include "cli/set.h"

#include <stdlib.h>
#include <string.h>

struct merge_values {
	const char *output, *class, *id, *name, *version;
	uint64_t memory;
	bool no_sandbox;
};

#define AT(field) offsetof(struct merge_values, field)
static const struct trw_option options[] = {
	{"output", 'o', TRW_OPTION_OUTPUT, "SET", AT(output), "the set to write (required)"},
	{"class", 'c', TRW_OPTION_TEXT, "CLASS", AT(class),
		"alert, known-good or triage (default: that of the sets)"},
	{"id", 0, TRW_OPTION_TEXT, "TEXT", AT(id), "id of the new list (default: its name)"},
	{"name", 0, TRW_OPTION_TEXT, "TEXT", AT(name),
		"name of the new list (default: that of the first set)"},
	{"list-version", 0, TRW_OPTION_TEXT, "TEXT", AT(version), "version of the new list"},
	{"memory", 'm', TRW_OPTION_SIZE, "SIZE", AT(memory),
		"bytes to hold at most before sorting on disk (default: 1G)"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

struct merge {
	const struct merge_values *v;
	struct trw_set **sets;
	size_t n;
	enum trw_set_class class;
};

/* What is known good for one list may be what another warns of: only the user can say what both together are. */
static enum trw_status
class_settle(struct merge *m, struct trw_err *err)
{
	bool all_good = true;

	m->class = trw_set_info(m->sets[0])->class;
	for (size_t i = 0; i < m->n; i++) {
		const struct trw_set_info *info = trw_set_info(m->sets[i]);
		all_good = all_good && info->class == TRW_SET_KNOWN_GOOD;
		if (m->v->class == NULL && info->class != m->class)
			return trw_fail(err, TRW_EUSAGE,
				"%s is a %s set and %s is not: say what both are with --class",
				trw_set_info(m->sets[0])->path, trw_set_class_name(m->class),
				info->path);
		if (info->block_size != trw_set_info(m->sets[0])->block_size)
			return trw_fail(err, TRW_EUSAGE,
				"%s has hashes of blocks of another size than the first set",
				info->path);
	}
	if (m->v->class == NULL)
		return TRW_OK;
	enum trw_status st = trw_cli_set_class(m->v->class, &m->class, err);
	if (st == TRW_OK && m->class == TRW_SET_KNOWN_GOOD && !all_good)
		return trw_fail(err, TRW_EUSAGE,
			"only known-good sets can become a known-good set: import the lists again");
	return st;
}

static enum trw_status
fact(struct trw_set_builder *b, const char *key, const char *value, struct trw_err *err)
{
	return value[0] == '\0' ? TRW_OK : trw_set_builder_fact(b, key, value, strlen(value), err);
}

static enum trw_status
sets_merge(const struct merge *m, struct trw_set_built *built, struct trw_err *err)
{
	const struct trw_set_builder_options build = {
		.path = m->v->output,
		.memory = m->v->memory,
		.class = m->class,
		.keep_names = true,
		.keep_properties = true,
	};
	const struct trw_set_info *first = trw_set_info(m->sets[0]);
	const char *name = m->v->name != NULL ? m->v->name : first->name;
	struct trw_set_builder *b = NULL;
	enum trw_status st = trw_set_builder_new(&build, &b, err);

	if (st == TRW_OK)
		st = fact(b, "id", m->v->id != NULL ? m->v->id : name, err);
	if (st == TRW_OK)
		st = fact(b, "name", name, err);
	if (st == TRW_OK && m->v->version != NULL)
		st = fact(b, "version", m->v->version, err);
	if (st == TRW_OK)
		st = fact(b, "importer", "trowel " TROWEL_VERSION, err);
	for (size_t i = 0; st == TRW_OK && i < m->n; i++)
		st = trw_set_merge_into(b, m->sets[i], err);
	if (st == TRW_OK)
		st = trw_set_builder_finish(b, built, err);
	trw_set_builder_free(b);
	return st;
}

static enum trw_exit
merge(const struct merge_values *v, const struct trw_texts *paths)
{
	struct trw_err err = {0};
	struct trw_set_built built = {0};
	struct merge m = {.v = v, .sets = trw_alloc(paths->n, sizeof(*m.sets), &err)};
	enum trw_status st = m.sets == NULL ? TRW_ENOMEM : TRW_OK;

	for (; st == TRW_OK && m.n < paths->n; m.n += st == TRW_OK)
		st = trw_cli_set_open(paths->v[m.n], &m.sets[m.n], &err);
	if (st == TRW_OK)
		st = class_settle(&m, &err);
	if (st == TRW_OK)
		st = sets_merge(&m, &built, &err);
	for (size_t i = 0; i < m.n; i++)
		trw_set_close(m.sets[i]);
	free(m.sets);
	if (st < 0)
		return trw_say_failure(&err);
	trw_say_name(stdout, v->output, strlen(v->output));
	printf(": %" PRIu64 " entries of %" PRIu64 " in %zu sets, %" PRIu64 " were there twice\n",
		built.n_entries, built.n_added, paths->n, built.n_duplicates);
	return TRW_EXIT_DONE;
}

static enum trw_exit
merge_run(const struct trw_command *self, int argc, char **argv)
{
	struct merge_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &operands, 1, SIZE_MAX, &over)) {
		trw_interrupt_watch();
		over = values.output == NULL ? trw_say_usage("no set named: use -o SET")
					     : merge(&values, &operands);
	}
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_set_merge = {
	.name = "set merge",
	.operands = "SET... -o SET",
	.summary = "Join sets into one.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = merge_run,
};
