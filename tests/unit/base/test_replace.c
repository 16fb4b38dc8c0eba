/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls whose order and failure matter are this program's own: they go to the system after they are noted, and
 * one of them can be made to fail, or to come after somebody else's.
 */
#include "unit/fixture/folder.h"

#include "base/replace.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#define CALLS_MAX 16

static struct {
	const char *calls[CALLS_MAX]; /* in their order */
	size_t n;
	size_t fail_at;           /* the nth of them fails; 0 = none */
	int why;                  /* with this */
	bool lacks_renameat2;     /* as an older file system */
	bool lacks_link;          /* as FAT */
	const char *appears_file; /* made before the first call that gives a name */
	const char *appears_folder;
} spy;

static bool
noted(const char *name)
{
	assert_true(spy.n < CALLS_MAX);
	spy.calls[spy.n++] = name;
	if (spy.n != spy.fail_at)
		return true;
	errno = spy.why;
	return false;
}

static void
appear(void)
{
	if (spy.appears_file != NULL)
		write_file(spy.appears_file, "theirs", 6);
	if (spy.appears_folder != NULL) {
		char path[96];
		path_of(spy.appears_folder, path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	spy.appears_file = spy.appears_folder = NULL;
}

int
fsync(int fd)
{
	struct stat about;

	assert_int_equal(fstat(fd, &about), 0);
	if (!noted(S_ISDIR(about.st_mode) ? "sync folder" : "sync file"))
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
	appear();
	return noted("rename") ? (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) : -1;
}

int
link(const char *from, const char *to)
{
	appear();
	if (spy.lacks_link) {
		errno = EPERM;
		return -1;
	}
	return noted("link") ? (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0) : -1;
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	appear();
	if (spy.lacks_renameat2) {
		errno = EINVAL;
		return -1;
	}
	if (!noted(flags == RENAME_NOREPLACE ? "rename to nothing" : "exchange"))
		return -1;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static int
spy_reset(void **state)
{
	(void)state;
	memset(&spy, 0, sizeof(spy));
	return 0;
}

/* ---- helpers ---- */

static void
assert_calls(const char *const *calls)
{
	size_t n = 0;

	for (; calls[n] != NULL; n++) {
		assert_true(n < spy.n);
		assert_string_equal(spy.calls[n], calls[n]);
	}
	assert_int_equal(spy.n, n);
}

static void
assert_bytes(const char *name, const char *expected)
{
	char path[96], got[64] = {0};
	int fd;

	path_of(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), (ssize_t)strlen(expected));
	assert_string_equal(got, expected);
	(void)close(fd);
}

/* How many names there are, hidden ones too. */
static size_t
names_in(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void
gone(const char *name)
{
	char path[96];

	path_of(name, path);
	assert_int_equal(remove(path), 0);
}

/* looks: what is there now may go. */
static enum trw_status
write_new(const char *name, bool looks, struct trw_err *err)
{
	struct trw_replace r;
	struct trw_target target;
	char path[96];
	enum trw_status status;

	path_of(name, path);
	target = looks ? trw_target_look(path) : (struct trw_target){.path = path};
	status = trw_replace_open(&target, &r, err);
	if (status == TRW_OK) {
		assert_int_equal(write(r.fd, "ours", 4), 4);
		status = trw_replace_finish(&r, err);
	}
	trw_replace_abandon(&r);
	return status;
}

static enum trw_status
folder_new(const char *name, const char *const *files, struct trw_err *err)
{
	struct trw_replace r;
	struct trw_target target;
	char path[96], file[160];
	enum trw_status status;
	int fd;

	path_of(name, path);
	target = trw_target_look(path);
	target.files = files;
	status = trw_replace_folder(&target, &r, err);
	if (status == TRW_OK) {
		(void)snprintf(file, sizeof(file), "%s/list.txt", r.temp);
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "ours", 4), 4);
		(void)close(fd);
		status = trw_replace_finish(&r, err);
	}
	trw_replace_abandon(&r);
	return status;
}

static void
make(const char *name)
{
	char path[96];

	path_of(name, path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static mode_t
mode_of(const char *name)
{
	struct stat about;
	char path[96];

	path_of(name, path);
	assert_int_equal(lstat(path, &about), 0);
	return about.st_mode & 07777;
}

/* ---- files ---- */

static void
data_is_synced_before_the_name_is_given_and_the_folder_after(void **state)
{
	static const char *const fresh[] = {"sync file", "rename to nothing", "sync folder", NULL};
	static const char *const over[] = {"sync file", "rename", "sync folder", NULL};
	struct trw_err err = {0};

	assert_int_equal(write_new("a", false, &err), TRW_OK);
	assert_calls(fresh);
	assert_bytes("a", "ours");
	assert_int_equal(mode_of("a"), 0600);
	(void)spy_reset(state);
	assert_int_equal(write_new("a", true, &err), TRW_OK);
	assert_calls(over);
	assert_int_equal(names_in(folder), 1);
	gone("a");
}

static void
each_failing_call_leaves_the_older_file_and_nothing_else(void **state)
{
	struct trw_err err = {0};

	write_file("a", "older", 5);
	for (size_t nth = 1; nth <= 2; nth++) {
		(void)spy_reset(state);
		spy.fail_at = nth;
		spy.why = ENOSPC;
		assert_int_equal(write_new("a", true, &err), TRW_EIO);
		assert_non_null(strstr(err.text, "No space"));
		assert_bytes("a", "older");
		assert_int_equal(names_in(folder), 1);
	}
	gone("a");
	for (size_t nth = 1; nth <= 2; nth++) {
		(void)spy_reset(state);
		spy.fail_at = nth;
		spy.why = EIO;
		assert_int_equal(write_new("a", false, &err), TRW_EIO);
		assert_int_equal(names_in(folder), 0);
	}
}

static void
what_is_there_without_being_named_is_refused_at_once(void **state)
{
	struct trw_err err = {0};
	(void)state;

	write_file("a", "theirs", 6);
	assert_int_equal(write_new("a", false, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "exists already"));
	assert_bytes("a", "theirs");
	assert_int_equal(names_in(folder), 1);
	gone("a");
}

static void
a_file_that_appears_before_the_last_step_is_kept(void **state)
{
	struct trw_err err = {0};

	for (int i = 0; i < 3; i++) {
		(void)spy_reset(state);
		spy.lacks_renameat2 = i > 0;
		spy.lacks_link = i > 1;
		spy.appears_file = "a";
		assert_int_equal(write_new("a", false, &err), TRW_EIO);
		assert_non_null(strstr(err.text, "is kept"));
		assert_bytes("a", "theirs");
		assert_int_equal(names_in(folder), 1);
		gone("a");
	}
}

static void
a_file_system_without_renameat2_or_links_gets_the_file_too(void **state)
{
	struct trw_err err = {0};

	for (int i = 1; i < 3; i++) {
		(void)spy_reset(state);
		spy.lacks_renameat2 = true;
		spy.lacks_link = i > 1;
		assert_int_equal(write_new("a", false, &err), TRW_OK);
		assert_string_equal(spy.calls[1], i == 1 ? "link" : "rename");
		assert_bytes("a", "ours");
		assert_int_equal(names_in(folder), 1);
		gone("a");
	}
	spy.n = 0;
	spy.fail_at = 2; /* the reserved name goes when the last step fails */
	spy.why = EIO;
	assert_int_equal(write_new("a", false, &err), TRW_EIO);
	assert_int_equal(names_in(folder), 0);
}

/* Another file in the place of the one that was looked at: not what was asked to go. */
static void
only_the_file_that_was_looked_at_is_replaced(void **state)
{
	struct trw_replace r;
	struct trw_err err = {0};
	char path[96], other[96];
	(void)state;

	write_file("a", "older", 5);
	write_file("b", "theirs", 6);
	path_of("a", path);
	path_of("b", other);
	struct trw_target target = trw_target_look(path);
	assert_int_equal(trw_replace_open(&target, &r, &err), TRW_OK);
	assert_int_equal(syscall(SYS_renameat2, AT_FDCWD, other, AT_FDCWD, path, 0), 0);
	assert_int_equal(trw_replace_finish(&r, &err), TRW_EIO);
	trw_replace_abandon(&r);
	assert_bytes("a", "theirs");
	assert_int_equal(names_in(folder), 1);
	gone("a");
}

static void
a_symbolic_link_is_no_file(void **state)
{
	struct trw_err err = {0};
	char path[96], to[96];
	(void)state;

	write_file("a", "theirs", 6);
	path_of("link", path);
	path_of("a", to);
	assert_int_equal(symlink(to, path), 0);
	assert_int_equal(write_new("link", true, &err), TRW_EUSAGE);
	assert_bytes("a", "theirs");
	gone("link");
	gone("a");
}

/* ---- folders ---- */

static const char *const lists[] = {"*.txt", NULL};

static void
remove_list(const char *name)
{
	char path[96];

	path_of(name, path);
	(void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/list.txt");
	assert_int_equal(unlink(path), 0);
	gone(name);
}

static void
a_folder_appears_whole_with_its_own_mode(void **state)
{
	static const char *const calls[] = {
		"sync folder", "rename to nothing", "sync folder", NULL};
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(folder_new("f", NULL, &err), TRW_OK);
	assert_calls(calls);
	assert_bytes("f/list.txt", "ours");
	assert_int_equal(mode_of("f"), 0700);
	remove_list("f");
	spy.n = 0;
	spy.lacks_renameat2 = true;
	assert_int_equal(folder_new("f", NULL, &err), TRW_OK);
	remove_list("f");
	assert_int_equal(names_in(folder), 0);
}

static void
a_folder_that_appears_before_the_last_step_is_kept(void **state)
{
	struct trw_err err = {0};

	for (int i = 0; i < 2; i++) {
		(void)spy_reset(state);
		spy.lacks_renameat2 = i > 0;
		spy.appears_folder = "f";
		assert_int_equal(folder_new("f", NULL, &err), TRW_EIO);
		assert_non_null(strstr(err.text, "is kept"));
		assert_int_equal(names_in(folder), 1);
		gone("f");
	}
}

static void
an_empty_folder_is_filled_and_one_that_is_not_any_more_is_kept(void **state)
{
	struct trw_err err = {0};
	(void)state;

	make("f");
	assert_int_equal(folder_new("f", NULL, &err), TRW_OK);
	assert_bytes("f/list.txt", "ours");
	remove_list("f");
	make("f");
	spy.appears_file = "f/theirs";
	assert_int_equal(folder_new("f", NULL, &err), TRW_EIO);
	assert_non_null(strstr(err.text, "is kept"));
	assert_bytes("f/theirs", "theirs");
	assert_int_equal(names_in(folder), 1);
	gone("f/theirs");
	gone("f");
}

static void
an_export_is_replaced_as_a_whole(void **state)
{
	static const char *const calls[] = {"sync folder", "exchange", "sync folder", NULL};
	char path[96];
	struct trw_err err = {0};
	(void)state;

	make("f");
	write_file("f/old.txt", "older", 5);
	assert_int_equal(folder_new("f", lists, &err), TRW_OK);
	assert_calls(calls);
	path_of("f", path);
	assert_int_equal(names_in(path), 1);
	assert_int_equal(names_in(folder), 1);
	remove_list("f");
}

static void
what_appears_in_an_export_is_never_removed(void **state)
{
	char path[96];
	struct trw_err err = {0};
	(void)state;

	make("f");
	write_file("f/old.txt", "older", 5);
	write_file("f/theirs", "theirs", 6); /* since it was looked at */
	assert_int_equal(folder_new("f", lists, &err), TRW_EIO);
	path_of("f", path);
	assert_int_equal(names_in(path), 2);
	gone("f/theirs");
	spy.n = 0;
	spy.appears_file = "f/theirs"; /* between the last look and the exchange */
	assert_int_equal(folder_new("f", lists, &err), TRW_EIO);
	assert_non_null(strstr(err.text, "look at it"));
	assert_bytes("f/list.txt", "ours");
	remove_list("f");
	assert_int_equal(names_in(folder), 1); /* the .part, with their file */
	const char *part = strstr(err.text, ".f.");
	char name[64] = {0};
	assert_non_null(part);
	memcpy(name, part, strcspn(part, ":"));
	(void)snprintf(path, sizeof(path), "%s/theirs", name);
	assert_bytes(path, "theirs");
	gone(path);
	gone(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			data_is_synced_before_the_name_is_given_and_the_folder_after, spy_reset),
		cmocka_unit_test_setup(
			each_failing_call_leaves_the_older_file_and_nothing_else, spy_reset),
		cmocka_unit_test_setup(
			what_is_there_without_being_named_is_refused_at_once, spy_reset),
		cmocka_unit_test_setup(a_file_that_appears_before_the_last_step_is_kept, spy_reset),
		cmocka_unit_test_setup(
			a_file_system_without_renameat2_or_links_gets_the_file_too, spy_reset),
		cmocka_unit_test_setup(only_the_file_that_was_looked_at_is_replaced, spy_reset),
		cmocka_unit_test_setup(a_symbolic_link_is_no_file, spy_reset),
		cmocka_unit_test_setup(a_folder_appears_whole_with_its_own_mode, spy_reset),
		cmocka_unit_test_setup(
			a_folder_that_appears_before_the_last_step_is_kept, spy_reset),
		cmocka_unit_test_setup(
			an_empty_folder_is_filled_and_one_that_is_not_any_more_is_kept, spy_reset),
		cmocka_unit_test_setup(an_export_is_replaced_as_a_whole, spy_reset),
		cmocka_unit_test_setup(what_appears_in_an_export_is_never_removed, spy_reset),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
