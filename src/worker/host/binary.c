/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/host/worker.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "trowel-worker"
#ifndef TROWEL_LIBEXECDIR
#define TROWEL_LIBEXECDIR "/usr/local/libexec/trowel"
#endif

static char found[PATH_MAX + 64];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Directory of the running program, without a slash at the end; false when it cannot be had. */
static bool
own_directory(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

static bool
is_there(const char *dir, const char *below)
{
	int n = snprintf(found, sizeof(found), "%s%s/" NAME, dir, below);

	return n > 0 && (size_t)n < sizeof(found) && access(found, X_OK) == 0;
}

static void
find(void)
{
	const char *named = getenv("TROWEL_WORKER");
	char dir[PATH_MAX];

	if (named != NULL && strlen(named) < sizeof(found)) {
		(void)snprintf(found, sizeof(found), "%s", named);
		return;
	}
	if (own_directory(dir) && (is_there(dir, "") || is_there(dir, "/../libexec/trowel")))
		return;
	/* When it isn't there either, the start fails and names it. Never a path below the working directory. */
	(void)is_there(TROWEL_LIBEXECDIR, "");
}

const char *
trw_worker_binary(void)
{
	(void)pthread_once(&once, find);
	return found;
}
