/* SPDX-License-Identifier: Apache-2.0 */
/* What a command can still do with paths, by what its entry in the table says of them. */
#include "cli/lockdown.h"

#include "base/sanitizer.h"
#include "sandbox/sandbox.h"

#include "folder_fixture.h"
#include "forked.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

struct values {
	struct trw_texts inputs;
	const char *output;
	bool no_sandbox;
};

static const struct trw_option options[] = {
	{"set", 's', TRW_OPTION_INPUTS, "FILE", offsetof(struct values, inputs), ""},
	{"output", 'o', TRW_OPTION_OUTPUT, "FILE", offsetof(struct values, output), ""},
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

/* A call of a command, with one operand and perhaps options. */
struct call {
	struct trw_command command;
	struct values values;
	struct trw_texts operands;
};

static char file[96], other[96], beside[96], journal[96], made[96];
static const char *operand = file;
static const char *input = other;

static struct call
call_of(enum trw_use use)
{
	return (struct call){
		.command = {.name = "test",
			.options = options,
			.n_options = sizeof(options) / sizeof(options[0]),
			.first = use},
		.operands = {.v = &operand, .n = 1},
	};
}

static bool
lock(const void *ctx)
{
	const struct call *c = ctx;
	struct trw_err err = {0};

	return trw_lockdown(&c->command, &c->values, &c->operands, &err) == TRW_OK;
}

static void
expect(const struct call *c, forked_try attempt, const char *path, int wanted)
{
	int got = forked(lock, c, attempt, path);

	if (got != wanted)
		fail_msg("%s: %d, not %d", path, got, wanted);
}

static int
try_socket(const char *path)
{
	(void)path;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

static bool
has_landlock(void)
{
	return strstr(trw_sandbox_text(), "Landlock ") != NULL;
}

static void
no_command_connects_whatever_it_does_with_its_paths(void **state)
{
	(void)state;
	if (TRW_ASAN || TRW_TSAN)
		skip();
	for (int use = TRW_USE_READ; use <= TRW_USE_NONE; use++) {
		const struct call c = call_of((enum trw_use)use);
		expect(&c, try_socket, "a socket", FORKED_SIGNAL + SIGSYS);
	}
}

static void
what_is_read_is_the_file_and_nothing_beside_it(void **state)
{
	const struct call c = call_of(TRW_USE_READ);

	(void)state;
	if (!has_landlock())
		skip();
	expect(&c, try_read, file, 0);
	expect(&c, try_overwrite, file, EACCES);
	expect(&c, try_read, journal, 0);
	expect(&c, try_read, beside, EACCES);
	expect(&c, try_make, made, EACCES);
}

static void
what_options_name_is_read_or_written_too(void **state)
{
	struct call c = call_of(TRW_USE_READ);

	(void)state;
	if (!has_landlock())
		skip();
	c.values.inputs = (struct trw_texts){.v = &input, .n = 1};
	expect(&c, try_read, other, 0);
	expect(&c, try_overwrite, other, EACCES);
	c.values.output = made;
	expect(&c, try_make, made, 0);
	expect(&c, try_read, "/etc/passwd", EACCES);
}

static void
a_database_is_written_to_only_where_a_killed_run_has_left_a_journal(void **state)
{
	const struct call c = call_of(TRW_USE_DATABASE);

	(void)state;
	if (!has_landlock())
		skip();
	expect(&c, try_overwrite, file, EACCES);
	write_file("file-journal", "x", 1);
	expect(&c, try_overwrite, file, 0);
	expect(&c, try_make, made, 0);
	write_file("file-journal", "", 0);
}

static void
an_image_is_read_with_what_is_beside_it_and_no_program_but_the_worker_runs(void **state)
{
	const struct call c = call_of(TRW_USE_IMAGE);

	(void)state;
	if (!has_landlock())
		skip();
	expect(&c, try_read, beside, 0);
	expect(&c, try_overwrite, beside, EACCES);
	expect(&c, try_exec, "/bin/sh", EACCES);
	assert_int_equal(setenv("TROWEL_WORKER", "/bin/true", 1), 0);
	expect(&c, try_exec, "/bin/true", 0);
}

static void
without_a_sandbox_nothing_is_given_up(void **state)
{
	struct call c = call_of(TRW_USE_READ);

	(void)state;
	c.values.no_sandbox = true;
	expect(&c, try_socket, "a socket", 0);
	expect(&c, try_read, "/etc/passwd", 0);
	expect(&c, try_make, made, 0);
}

static int
make_files(void **state)
{
	if (make_folder(state) != 0 || setenv("TMPDIR", "/var/tmp", 1) != 0)
		return -1;
	path_of("file", file);
	path_of("other", other);
	path_of("beside", beside);
	path_of("file-journal", journal);
	path_of("made", made);
	write_file("file", "x", 1);
	write_file("other", "x", 1);
	write_file("beside", "x", 1);
	write_file("file-journal", "", 0);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_command_connects_whatever_it_does_with_its_paths),
		cmocka_unit_test(what_is_read_is_the_file_and_nothing_beside_it),
		cmocka_unit_test(what_options_name_is_read_or_written_too),
		cmocka_unit_test(
			a_database_is_written_to_only_where_a_killed_run_has_left_a_journal),
		cmocka_unit_test(
			an_image_is_read_with_what_is_beside_it_and_no_program_but_the_worker_runs),
		cmocka_unit_test(without_a_sandbox_nothing_is_given_up),
	};

	return cmocka_run_group_tests(tests, make_files, remove_folder);
}
