/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/diff.h"

#include "cli/entry.h"
#include "cli/interrupt.h"
#include "cli/set.h"

struct diff_values {
	bool is_list, is_json, no_sandbox;
};

#define AT(field) offsetof(struct diff_values, field)
static const struct trw_option options[] = {
	{"list", 'l', TRW_OPTION_FLAG, NULL, AT(is_list),
		"also the entries themselves, a line each"},
	{"json", 0, TRW_OPTION_FLAG, NULL, AT(is_json), "as JSON, an object a line"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static enum trw_status
difference_show(void *ctx, const struct trw_set_difference *d, struct trw_err *err)
{
	const struct diff_values *v = ctx;

	(void)err;
	if (v->is_json) {
		printf("{\"change\": \"%s\", \"altered\": %s, ", d->is_added ? "added" : "removed",
			d->is_altered ? "true" : "false");
		trw_entry_json(d->entry);
		fputs("}\n", stdout);
	} else {
		putchar(d->is_added ? '+' : '-');
		if (d->is_altered)
			putchar('~');
		trw_entry_text(d->entry);
		putchar('\n');
	}
	return ferror(stdout) != 0 ? TRW_END : TRW_OK; /* main says why */
}

static void
counts_show(const struct trw_set_difference_counts *n, bool is_json)
{
	if (is_json)
		printf("{\"same\": %" PRIu64 ", \"removed\": %" PRIu64 ", \"added\": %" PRIu64
		       ", \"removed_altered\": %" PRIu64 ", \"added_altered\": %" PRIu64 "}\n",
			n->n_same, n->n_removed, n->n_added, n->n_removed_altered,
			n->n_added_altered);
	else
		printf("%" PRIu64 " same, %" PRIu64 " removed (%" PRIu64
		       " of them with another category or size), %" PRIu64 " added (%" PRIu64 ")\n",
			n->n_same, n->n_removed, n->n_removed_altered, n->n_added,
			n->n_added_altered);
}

static enum trw_exit
sets_diff(const char *older_path, const char *newer_path, struct diff_values *v)
{
	struct trw_set_difference_counts counts;
	struct trw_set *older = NULL, *newer = NULL;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_cli_set_open(older_path, &older, &err) < 0 ||
		trw_cli_set_open(newer_path, &newer, &err) < 0 ||
		trw_set_diff(older, newer, v->is_list ? difference_show : NULL, v, &counts, &err) <
			0)
		over = trw_say_failure(&err);
	else
		counts_show(&counts, v->is_json);
	trw_set_close(older);
	trw_set_close(newer);
	return over;
}

static enum trw_exit
diff_run(const struct trw_command *self, int argc, char **argv)
{
	struct diff_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &operands, 2, 2, &over)) {
		trw_interrupt_watch();
		over = sets_diff(operands.v[0], operands.v[1], &values);
	}
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_set_diff = {
	.name = "set diff",
	.operands = "OLDER NEWER",
	.summary = "Tell what one set has and another does not.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = diff_run,
};
