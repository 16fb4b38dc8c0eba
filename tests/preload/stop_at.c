/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Preloaded into trowel: a signal at a moment that the machine's speed has no say in. STOP_AT=N: trowel sends itself
 * STOP_SIGNAL (KILL, INT or STOP) where it is about to change a file for the Nth time: a write at an offset,
 * a sync, a cut, a removal, a rename. The change is made where the signal lets it live. The worker is left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_ulong changes;
static unsigned long stop_at; /* 0: never */
static int stop_signal;

static int
number_of(const char *name)
{
	if (strcmp(name, "INT") == 0)
		return SIGINT;
	return strcmp(name, "STOP") == 0 ? SIGSTOP : SIGKILL;
}

__attribute__((constructor)) static void
prepare(void)
{
	const char *at = getenv("STOP_AT"), *name = getenv("STOP_SIGNAL");

	if (at == NULL || name == NULL || strcmp(program_invocation_short_name, "trowel") != 0)
		return;
	stop_at = strtoul(at, NULL, 10);
	stop_signal = number_of(name);
}

static void
change(void)
{
	if (stop_at == 0 || atomic_fetch_add(&changes, 1) + 1 != stop_at)
		return;
	if (stop_signal == SIGKILL) /* as good as one; a locked-down command may send no signal */
		_exit(128 + SIGKILL);
	(void)kill(getpid(), stop_signal);
}

/* NAME as the next library has it, after counting. */
#define PASS_ON(type, name, parameters, arguments)                                                 \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		static type(*_Atomic real) parameters;                                             \
		if (real == NULL)                                                                  \
			real = (type(*) parameters)dlsym(RTLD_NEXT, #name);                        \
		change();                                                                          \
		return real arguments;                                                             \
	}

PASS_ON(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t off), (fd, p, n, off))
PASS_ON(ssize_t, pwrite64, (int fd, const void *p, size_t n, off64_t off), (fd, p, n, off))
PASS_ON(int, fsync, (int fd), (fd))
PASS_ON(int, fdatasync, (int fd), (fd))
PASS_ON(int, ftruncate, (int fd, off_t n), (fd, n))
PASS_ON(int, ftruncate64, (int fd, off64_t n), (fd, n))
PASS_ON(int, unlink, (const char *path), (path))
PASS_ON(int, rename, (const char *from, const char *to), (from, to))
