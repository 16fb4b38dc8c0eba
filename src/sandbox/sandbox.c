/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/sandbox.h"

#include "base/sanitizer.h"
#include "sandbox/fences.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The sanitizers map terabytes of shadow. */
#define MAY_LIMIT_MEMORY (!TRW_ASAN && !TRW_TSAN)

enum trw_status
trw_sandbox_fail(struct trw_err *err, int errnum, const char *what)
{
	return trw_fail(err, TRW_ESANDBOX, "sandbox: %s: %s", what, strerror(errnum));
}

const char *
trw_sandbox_text(void)
{
	static char text[64];
	long version = trw_landlock_version();

	(void)snprintf(text, sizeof(text),
		version > 0 ? "seccomp, Landlock %ld" : "seccomp; this kernel has no Landlock",
		version);
	return text;
}

static bool
is_worker(enum trw_lock lock)
{
	return lock == TRW_LOCK_OPEN || lock == TRW_LOCK_WORK;
}

static enum trw_status
limit(int resource, rlim_t max, const char *what, struct trw_err *err)
{
	struct rlimit rl = {.rlim_cur = max, .rlim_max = max};
	struct rlimit old;

	/* An outer limit that is lower stays. */
	if (getrlimit((__rlimit_resource_t)resource, &old) == 0 && old.rlim_max < max)
		rl.rlim_cur = rl.rlim_max = old.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &rl) != 0)
		return trw_sandbox_fail(err, errno, what);
	return TRW_OK;
}

static enum trw_status
limit_worker(const struct trw_sandbox *s, struct trw_err *err)
{
	/* Standard error may be a file (TROWEL_WORKER_STDERR): a refused write is no reason to die. */
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	enum trw_status status = TRW_OK;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0)
		return trw_sandbox_fail(err, errno, "cannot give up privileges");
	if (s->memory_max > 0 && MAY_LIMIT_MEMORY)
		status = limit(RLIMIT_AS, s->memory_max, "cannot limit memory", err);
	if (status == TRW_OK)
		status = limit(RLIMIT_CORE, 0, "cannot turn off core dumps", err);
	if (status == TRW_OK)
		status = limit(RLIMIT_FSIZE, 0, "cannot limit file sizes", err);
	if (status == TRW_OK)
		status = limit(RLIMIT_NPROC, 0, "cannot limit processes", err);
	return status;
}

static enum trw_status
limit_resources(const struct trw_sandbox *s, struct trw_err *err)
{
	if (s->lock == TRW_LOCK_OPEN)
		return limit_worker(s, err);
	/* Descriptor 0 is taken, so 1 admits no new one; with 0 poll would refuse to look at the socket. */
	if (s->lock == TRW_LOCK_WORK)
		return limit(RLIMIT_NOFILE, 1, "cannot limit descriptors", err);
	return TRW_OK;
}

/* The sanitizer for threads has one that makes calls of its own; that for addresses traces the process as it ends, if it is let. */
static bool
may_filter(enum trw_lock lock)
{
	return !TRW_TSAN && (!TRW_ASAN || is_worker(lock));
}

enum trw_status
trw_sandbox_enter(const struct trw_sandbox *s, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	/* Of no_new_privs later locks need to know nothing: the call is not on their lists. */
	if (s->lock != TRW_LOCK_WORK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return trw_sandbox_fail(err, errno, "cannot give up privileges");
	if (!s->no_landlock)
		status = trw_fence_paths(s->grants, err);
	if (status == TRW_OK)
		status = limit_resources(s, err);
	if (status == TRW_OK && !s->no_seccomp && may_filter(s->lock))
		status = trw_fence_calls(s->lock, err);
	return status;
}
