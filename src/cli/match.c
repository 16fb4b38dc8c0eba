/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/match.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/host.h"
#include "cli/interrupt.h"
#include "cli/lockdown.h"

#include <string.h>

struct match_values {
	struct trw_texts sets, alerts;
	const char *examiner;
	bool no_sandbox;
};

static const struct trw_option options[] = {
	{"set", 's', TRW_OPTION_INPUTS, "FILE", offsetof(struct match_values, sets),
		"the compiled hash set to match against; may be given again"},
	{"alert", 0, TRW_OPTION_TEXTS, "CATEGORY", offsetof(struct match_values, alerts),
		"SCHEME:CATEGORY[,CATEGORY...]: what of a match is an alert"},
	{"examiner", 0, TRW_OPTION_TEXT, "TEXT", offsetof(struct match_values, examiner),
		"for the record of the session"},
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct match_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

/* ctx: were categories without entries told of already? "NAME VERSION: 5 entries; 2 matches (1 alert, 0 excluding), 0 conflicts, 0 damaged" */
static void
set_show(void *ctx, const struct trw_index_matched *set)
{
	bool *is_told = ctx;
	const char *name = set->name[0] != '\0' ? set->name : trw_base_name(set->path);

	if (!*is_told)
		trw_say_unmet(set->unmet);
	*is_told = true;
	trw_say_name(stdout, name, strlen(name));
	if (set->version[0] != '\0') {
		putchar(' ');
		trw_say_name(stdout, set->version, strlen(set->version));
	}
	printf(": %" PRIu64 " entries", set->n_entries);
	if (set->n_usable < set->n_entries)
		printf(" (%" PRIu64 " without MD5, SHA-1 and SHA-256: never looked up)",
			set->n_entries - set->n_usable);
	fputs("; ", stdout);
	trw_say_counts(&set->counts);
	printf(", in %" PRIu64 " contents", set->counts.n_contents);
	if (set->n_damaged > 0)
		printf(" (%" PRIu64 " of them not complete)", set->n_damaged);
	if (set->n_undigested > 0)
		printf("; %" PRIu64 " streams have no digests: never looked up", set->n_undigested);
	putchar('\n');
}

static enum trw_exit
match(const char *db, const struct match_values *v)
{
	struct utsname room;
	struct trw_index_match_options o = {.db = db,
		.sets = v->sets.v,
		.n_sets = v->sets.n,
		.alerts = v->alerts.v,
		.n_alerts = v->alerts.n,
		.examiner = v->examiner,
		.host = trw_host_name(&room),
		.sandbox = trw_lockdown_text(v->no_sandbox)};
	bool is_told = false;
	struct trw_err err = {0};

	if (o.n_sets == 0)
		return trw_say_usage("no hash set named: use --set FILE");
	trw_interrupt_watch();
	if (trw_index_match(&o, set_show, &is_told, &err) < 0)
		return trw_say_failure(&err);
	return TRW_EXIT_DONE;
}

static enum trw_exit
match_run(const struct trw_command *self, int argc, char **argv)
{
	struct match_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &operands, 1, 1, &over))
		over = match(operands.v[0], &values);
	trw_texts_clear(&values.sets);
	trw_texts_clear(&values.alerts);
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_match = {
	.name = "match",
	.operands = "DB --set FILE",
	.summary = "Match an evidence database against hash sets.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_WRITE,
	.run = match_run,
};
