/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The coordinator has threads, so nothing of its own may run between fork and exec: posix_spawn does it with a
 * list of file actions. The child gets /dev/null (0, 1, 2), its socket (3), the activity page (4), and no other
 * descriptor; default signals; and a process group of its own, so that ^C at the terminal reaches the
 * coordinator alone and doesn't look like a crash.
 */
#include "worker/host/spawn.h"

#include "base/alloc.h"
#include "worker/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIXED_FDS 5   /* of the child: standard streams, socket, activity */
#define OPTIONS_MAX 6 /* arguments beside the paths, with the NULL at the end */
#define OPTION_SIZE 64

struct arguments {
	char role[OPTION_SIZE], sector[OPTION_SIZE], memory[OPTION_SIZE];
	char **argv; /* owned array of borrowed strings */
};

/* A string literal or a caller's constant as execve wants it: it promises not to write. */
static char *
arg(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = {.in = s};

	return u.out;
}

static enum trw_status
arguments_fill(const struct trw_worker_spec *spec, struct arguments *a, struct trw_err *err)
{
	size_t n = 0;

	a->argv = trw_alloc(spec->n_paths + OPTIONS_MAX + 1, sizeof(*a->argv), err);
	if (a->argv == NULL)
		return TRW_ENOMEM;
	(void)snprintf(a->role, OPTION_SIZE, "--role=%s", spec->role);
	(void)snprintf(a->sector, OPTION_SIZE, "--sector-size=%" PRIu32, spec->sector_size);
	(void)snprintf(a->memory, OPTION_SIZE, "--memory-max=%" PRIu64, spec->memory_max);
	a->argv[n++] = arg("trowel-worker");
	a->argv[n++] = a->role;
	a->argv[n++] = a->sector;
	a->argv[n++] = a->memory;
	if (spec->no_sandbox)
		a->argv[n++] = arg("--no-sandbox");
	a->argv[n++] = arg("--");
	for (size_t i = 0; i < spec->n_paths; i++)
		a->argv[n++] = arg(spec->paths[i]);
	return TRW_OK;
}

/* Move fd out of the way of the child's fixed numbers, or a dup2 there would hit the other one. */
static int
lift(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIXED_FDS);

	if (fd >= 0)
		(void)close(fd);
	return high;
}

/* Sealed: a worker that could shrink the page would make the coordinator die of SIGBUS. */
static int
activity_open(struct trw_activity **page)
{
	int fd = lift(memfd_create("trowel-activity", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	void *p;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, sizeof(struct trw_activity)) != 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		goto fail;
	p = mmap(NULL, sizeof(struct trw_activity), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto fail;
	*page = p;
	return fd;
fail:
	(void)close(fd);
	return -1;
}

static int
actions_fill(posix_spawn_file_actions_t *actions, int sock, int activity)
{
	int rc = 0;

	for (int fd = 0; fd < TRW_WORKER_SOCKET && rc == 0; fd++) {
		if (fd == STDERR_FILENO && getenv("TROWEL_WORKER_STDERR") != NULL)
			continue;
		rc = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	}
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, sock, TRW_WORKER_SOCKET);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, activity, TRW_WORKER_ACTIVITY);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(actions, FIXED_FDS);
	return rc;
}

static int
attributes_fill(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int rc;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	rc = posix_spawnattr_setflags(
		attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attr, &all);
	return rc;
}

/* Returns 0 or an errno. */
static int
run(const char *binary, char **argv, int sock, int activity, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		rc = actions_fill(&actions, sock, activity);
		if (rc == 0)
			rc = attributes_fill(&attr);
		if (rc == 0)
			rc = posix_spawn(pid, binary, &actions, &attr, argv, environ);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return rc;
}

enum trw_status
trw_spawn(const struct trw_worker_spec *spec, struct trw_spawned *out, struct trw_err *err)
{
	struct arguments args = {0};
	struct trw_activity *page = NULL;
	int pair[2] = {-1, -1}, activity = -1, rc;
	enum trw_status st = arguments_fill(spec, &args, err);
	pid_t pid = 0;

	if (st != TRW_OK)
		goto out;
	rc = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : errno;
	if (rc == 0) {
		pair[1] = lift(pair[1]);
		activity = pair[1] < 0 ? -1 : activity_open(&page);
		rc = activity < 0 ? errno : run(spec->binary, args.argv, pair[1], activity, &pid);
	}
	if (rc != 0) {
		st = trw_fail(err, TRW_ESANDBOX, "cannot start %s: %s", spec->binary, strerror(rc));
		goto out;
	}
	*out = (struct trw_spawned){
		.pid = pid, .socket = pair[0], .pidfd = pidfd_open(pid, 0), .activity = page};
	pair[0] = -1;
	page = NULL;
out:
	if (page != NULL)
		(void)munmap(page, sizeof(*page));
	if (activity >= 0)
		(void)close(activity);
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			(void)close(pair[i]);
	free(args.argv);
	return st;
}
