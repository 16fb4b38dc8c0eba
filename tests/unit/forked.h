/* SPDX-License-Identifier: Apache-2.0 */
/** What a process may still do once it is locked down is tried in a child: the test's own must stay free. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* Lock down; false fails the test. */
typedef bool (*forked_lock)(const void *ctx);
/* 0, or the errno of what was refused. */
typedef int (*forked_try)(const char *path);

#define FORKED_NO_LOCK 200
#define FORKED_SIGNAL 1000

/* What came of it: 0, an errno, FORKED_SIGNAL and the signal that ended the child, or FORKED_NO_LOCK. */
static inline int
forked(forked_lock lock, const void *ctx, forked_try attempt, const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(lock(ctx) ? attempt(path) : FORKED_NO_LOCK);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return FORKED_NO_LOCK;
	return WIFSIGNALED(status) ? FORKED_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- attempts ---- */

static inline int
try_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

static inline int
try_overwrite(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC) >= 0 ? 0 : errno;
}

static inline int
try_make(const char *path)
{
	if (open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) < 0)
		return errno;
	return unlink(path) == 0 ? 0 : errno;
}

static inline int
try_exec(const char *path)
{
	(void)execl(path, path, (char *)NULL);
	return errno;
}
