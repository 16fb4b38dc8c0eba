/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands is the program: what is in it is what trowel can do. */
#include "cli/command.h"

#include <string.h>

static const struct trw_command *const commands[] = {
	&trw_command_index,
	&trw_command_info,
	&trw_command_ls,
	&trw_command_cat,
	&trw_command_verify,
	&trw_command_digest,
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct trw_command *
command_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void
program_help(void)
{
	puts("usage: trowel COMMAND [OPTION]... [ARGUMENT]...\n"
	     "Index seized disk images into an evidence database.\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	puts("\n'trowel help COMMAND' and the man page trowel-COMMAND(1) explain a command.\n"
	     "Exit status: 0 done; 1 done, with problems on record; 2 wrong usage; 3 failed.");
}

static enum trw_exit
help_run(int argc, char **argv)
{
	const struct trw_command *command;

	if (argc < 2) {
		program_help();
		return TRW_EXIT_DONE;
	}
	command = command_find(argv[1]);
	if (command == NULL)
		return trw_say_usage("no command '%s'", argv[1]);
	trw_command_help(command);
	return TRW_EXIT_DONE;
}

static enum trw_exit
run(int argc, char **argv)
{
	const struct trw_command *command;

	if (argc < 2)
		return trw_say_usage("no command given");
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("trowel " TROWEL_VERSION);
		return TRW_EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0)
		return help_run(argc - 1, argv + 1);
	command = command_find(argv[1]);
	if (command == NULL)
		return trw_say_usage("no command '%s'", argv[1]);
	trw_say_as(command->name);
	return command->run(command, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	enum trw_exit status = run(argc, argv);

	return trw_say_end() ? (int)status : TRW_EXIT_FAILED;
}
