/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "cli/lockdown.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 26 /* where the explanations start */

const struct trw_command *
trw_command_find(const struct trw_command *const *commands, const char *group, const char *name)
{
	size_t skip = group == NULL ? 0 : strlen(group) + 1;

	for (; *commands != NULL; commands++)
		if (strcmp((*commands)->name + skip, name) == 0)
			return *commands;
	return NULL;
}

static void
option_help(const struct trw_option *o)
{
	char form[64];

	(void)snprintf(form, sizeof(form), "%c%c%c --%s%s%s", o->letter != 0 ? '-' : ' ',
		o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ',' : ' ', o->name,
		o->argument != NULL ? " " : "", o->argument != NULL ? o->argument : "");
	printf("  %-*s  %s\n", HELP_COLUMN, form, o->help);
}

static void
parts_help(const struct trw_command *self)
{
	size_t skip = strlen(self->name) + 1;

	printf("usage: trowel %s COMMAND [OPTION]... [ARGUMENT]...\n%s\n\n", self->name,
		self->summary);
	for (const struct trw_command *const *part = self->parts; *part != NULL; part++)
		printf("  %-8s  %s\n", (*part)->name + skip, (*part)->summary);
}

void
trw_command_help(const struct trw_command *self)
{
	if (self->parts != NULL) {
		parts_help(self);
		return;
	}
	printf("usage: trowel %s [OPTION]... %s\n%s\n\n", self->name, self->operands,
		self->summary);
	for (size_t i = 0; i < self->n_options; i++)
		option_help(&self->options[i]);
}

bool
trw_command_parse(const struct trw_command *self, int argc, char **argv, void *values,
	struct trw_texts *operands, size_t n_min, size_t n_max, enum trw_exit *over)
{
	struct trw_err err = {0};
	enum trw_status status = trw_options_parse(
		self->options, self->n_options, argc, argv, values, operands, &err);

	if (status == TRW_END) {
		trw_command_help(self);
		*over = TRW_EXIT_DONE;
		return false;
	}
	if (status == TRW_OK && operands->n < n_min)
		status = trw_fail(
			&err, TRW_EUSAGE, "too few arguments, it takes %s", self->operands);
	else if (status == TRW_OK && operands->n > n_max)
		status = trw_fail(&err, TRW_EUSAGE, "surplus argument '%s'", operands->v[n_max]);
	for (size_t i = 0; status == TRW_OK && i < operands->n; i++)
		if (operands->v[i][0] == '\0')
			status = trw_fail(&err, TRW_EUSAGE, "an argument is empty");
	if (status == TRW_OK)
		status = trw_lockdown(self, values, operands, &err);
	if (status == TRW_OK)
		return true;
	*over = status == TRW_EUSAGE ? trw_say_usage("%s", err.text) : trw_say_failure(&err);
	return false;
}
