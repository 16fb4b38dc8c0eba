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
	&trw_command_set,
	&trw_command_match,
	NULL,
};

/* The command that the words name, of one word or two; NULL is said. *n: how many words. */
static const struct trw_command *
words_find(int argc, char **argv, int *n)
{
	const struct trw_command *command = trw_command_find(commands, NULL, argv[0]);

	*n = 1;
	if (command == NULL) {
		(void)!trw_say_usage("no command '%s'", argv[0]);
		return NULL;
	}
	if (command->parts == NULL || argc < 2 || argv[1][0] == '-')
		return command;
	*n = 2;
	const struct trw_command *part = trw_command_find(command->parts, argv[0], argv[1]);
	if (part == NULL)
		(void)!trw_say_usage("no command '%s %s'", argv[0], argv[1]);
	return part;
}

static void
program_help(void)
{
	puts("usage: trowel COMMAND [OPTION]... [ARGUMENT]...\n"
	     "Index seized disk images into an evidence database.\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	puts("\n'trowel help COMMAND' and the man page trowel-COMMAND(1) explain a command.\n"
	     "Exit status: 0 done; 1 done, with problems on record; 2 wrong usage; 3 failed.");
}

static enum trw_exit
help_run(int argc, char **argv)
{
	const struct trw_command *command;
	int n;

	if (argc < 2) {
		program_help();
		return TRW_EXIT_DONE;
	}
	command = words_find(argc - 1, argv + 1, &n);
	if (command == NULL)
		return TRW_EXIT_USAGE;
	trw_command_help(command);
	return TRW_EXIT_DONE;
}

static enum trw_exit
run(int argc, char **argv)
{
	const struct trw_command *command;
	int n;

	if (argc < 2)
		return trw_say_usage("no command given");
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("trowel " TROWEL_VERSION);
		return TRW_EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0)
		return help_run(argc - 1, argv + 1);
	command = words_find(argc - 1, argv + 1, &n);
	if (command == NULL)
		return TRW_EXIT_USAGE;
	trw_say_as(command->name);
	return command->run(command, argc - n, argv + n);
}

int
main(int argc, char **argv)
{
	enum trw_exit status = run(argc, argv);

	return trw_say_end() ? (int)status : TRW_EXIT_FAILED;
}
