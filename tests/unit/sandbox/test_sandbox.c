/* SPDX-License-Identifier: Apache-2.0 */
/* The locks of trowel itself, each fence alone; those of workers are in test_worker and test_worker_open. */
#include "sandbox/sandbox.h"

#include "base/sanitizer.h"

#include "unit/fixture/folder.h"
#include "unit/fixture/forked.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define DEADLY (FORKED_SIGNAL + SIGSYS)

static struct trw_grants grants;

static bool
enter(const void *ctx)
{
	return trw_sandbox_enter(ctx, NULL) == TRW_OK;
}

static long
landlock(void)
{
	long version = 0;

	(void)sscanf(trw_sandbox_text(), "seccomp, Landlock %ld", &version);
	return version;
}

static void
expect(const struct trw_sandbox *s, forked_try attempt, const char *path, int wanted)
{
	int got = forked(enter, s, attempt, path);

	if (got != wanted)
		fail_msg("lock %d, %s: %d, not %d", (int)s->lock, path, got, wanted);
}

static int
try_socket(const char *path)
{
	(void)path;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

static int
try_pair(const char *path)
{
	int pair[2];

	(void)path;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? 0 : errno;
}

static int
try_connect(const char *path)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)path;
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0 ? 0 : errno;
}

static int
try_fork(const char *path)
{
	pid_t pid = fork();

	(void)path;
	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : errno;
}

static int
try_ptrace(const char *path)
{
	(void)path;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno;
}

static int
try_uring(const char *path)
{
	(void)path;
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0 ? 0 : errno;
}

static int
try_kill(const char *path)
{
	(void)path;
	return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int
try_map_code(const char *path)
{
	(void)path;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
			       MAP_FAILED
		       ? 0
		       : errno;
}

static void *
idle(void *arg)
{
	return arg;
}

static int
try_thread(const char *path)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, idle, NULL);

	(void)path;
	return rc != 0 ? rc : pthread_join(thread, NULL);
}

/* What no list names: a kernel that doesn't know the call. */
static int
try_unheard_of(const char *path)
{
	(void)path;
	return syscall(SYS_quotactl, 0, NULL, 0, NULL) == 0 ? 0 : errno;
}

static void
by_seccomp_alone_a_tool_has_threads_and_no_program_process_or_socket(void **state)
{
	const struct trw_sandbox s = {.lock = TRW_LOCK_TOOL, .no_landlock = true};

	(void)state;
	if (TRW_ASAN || TRW_TSAN)
		skip();
	expect(&s, try_socket, "a socket", DEADLY);
	expect(&s, try_pair, "a pair", DEADLY);
	expect(&s, try_exec, "/bin/true", DEADLY);
	expect(&s, try_fork, "a process", DEADLY);
	expect(&s, try_ptrace, "ptrace", DEADLY);
	expect(&s, try_uring, "io_uring", DEADLY);
	expect(&s, try_kill, "kill", DEADLY);
	expect(&s, try_map_code, "code", EPERM);
	expect(&s, try_thread, "a thread", 0);
	expect(&s, try_unheard_of, "quotactl", ENOSYS);
}

/* As afflib does with what it opens. */
static int
try_share(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH) == 0 ? 0 : errno;
}

static void
who_opens_an_image_may_share_it(void **state)
{
	const struct trw_sandbox s = {.lock = TRW_LOCK_OPEN, .no_landlock = true};

	(void)state;
	expect(&s, try_share, "/proc/self/exe", 0);
}

static void
by_seccomp_alone_a_host_has_workers_and_no_socket(void **state)
{
	const struct trw_sandbox s = {.lock = TRW_LOCK_HOST, .no_landlock = true};

	(void)state;
	if (TRW_ASAN || TRW_TSAN)
		skip();
	expect(&s, try_socket, "a socket", DEADLY);
	expect(&s, try_ptrace, "ptrace", DEADLY);
	expect(&s, try_uring, "io_uring", DEADLY);
	expect(&s, try_pair, "a pair", 0);
	expect(&s, try_exec, "/bin/true", 0);
	expect(&s, try_fork, "a process", 0);
}

static void
by_landlock_alone_a_path_can_be_used_as_it_was_granted_and_no_other(void **state)
{
	const struct trw_sandbox s = {.lock = TRW_LOCK_TOOL, .grants = &grants, .no_seccomp = true};
	char readable[96], below[96], temp[96], beside[96];

	(void)state;
	if (landlock() == 0)
		skip();
	path_of("readable", readable);
	path_of("beside", beside);
	path_of("in/below", below);
	path_of("out/temp", temp);
	write_file("readable", "x", 1);
	write_file("beside", "x", 1);
	write_file("in/below", "x", 1);
	assert_int_equal(trw_grant_add(&grants, readable, TRW_RIGHT_READ, NULL), TRW_OK);
	assert_int_equal(trw_grant_folder_of(&grants, below, TRW_RIGHT_READ, NULL), TRW_OK);
	assert_int_equal(trw_grant_folder_of(&grants, temp, TRW_RIGHT_TEMP, NULL), TRW_OK);
	assert_int_equal(trw_grant_add(&grants, "/nowhere/at/all", TRW_RIGHT_READ, NULL), TRW_OK);
	expect(&s, try_read, readable, 0);
	expect(&s, try_overwrite, readable, EACCES);
	expect(&s, try_read, below, 0);
	expect(&s, try_overwrite, below, EACCES);
	expect(&s, try_read, beside, EACCES);
	expect(&s, try_make, temp, 0);
	expect(&s, try_read, "/etc/passwd", EACCES);
	expect(&s, try_exec, "/bin/true", EACCES);
	if (landlock() >= 4)
		expect(&s, try_connect, "a socket", EACCES);
	trw_grants_clear(&grants);
}

static void
a_folder_is_granted_with_what_its_links_lead_to(void **state)
{
	const struct trw_sandbox s = {.lock = TRW_LOCK_TOOL, .grants = &grants, .no_seccomp = true};
	char link_path[96], target[96], image[96], other[96];

	(void)state;
	if (landlock() == 0)
		skip();
	path_of("in/image.001", image);
	path_of("in/image.002", link_path);
	path_of("out/target", target);
	path_of("out/other", other);
	write_file("in/image.001", "x", 1);
	write_file("out/target", "x", 1);
	write_file("out/other", "x", 1);
	assert_int_equal(symlink(target, link_path), 0);
	assert_int_equal(trw_grant_beside(&grants, image, NULL), TRW_OK);
	expect(&s, try_read, image, 0);
	expect(&s, try_read, link_path, 0);
	expect(&s, try_read, other, EACCES);
	trw_grants_clear(&grants);
}

static int
make_folders(void **state)
{
	char path[96];

	if (make_folder(state) != 0)
		return -1;
	path_of("in", path);
	if (mkdir(path, 0700) != 0)
		return -1;
	path_of("out", path);
	return mkdir(path, 0700);
}

static int
remove_folders(void **state)
{
	static const char *const files[] = {
		"in/below", "in/image.001", "in/image.002", "out/target", "out/other"};
	char path[96];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path_of(files[i], path);
		(void)unlink(path);
	}
	path_of("in", path);
	(void)rmdir(path);
	path_of("out", path);
	(void)rmdir(path);
	return remove_folder(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			by_seccomp_alone_a_tool_has_threads_and_no_program_process_or_socket),
		cmocka_unit_test(who_opens_an_image_may_share_it),
		cmocka_unit_test(by_seccomp_alone_a_host_has_workers_and_no_socket),
		cmocka_unit_test(
			by_landlock_alone_a_path_can_be_used_as_it_was_granted_and_no_other),
		cmocka_unit_test(a_folder_is_granted_with_what_its_links_lead_to),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
