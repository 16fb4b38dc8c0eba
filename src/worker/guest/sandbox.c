/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock-down. What a worker needs after it has opened the image is little: read the open files, map memory,
 * talk on one socket. Three fences, so that a hole in one is not a hole in all:
 *   rlimits   no more memory than granted, no file can grow, no new descriptor, no new process
 *   Landlock  no path can be opened, made or executed, no TCP (where the kernel has it)
 *   seccomp   the list below; what isn't on it kills the process with SIGSYS
 * An alternative was namespaces: they need privileges or user namespaces, which many systems turn off.
 */
#include "worker/guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#endif

/* The sanitizers map terabytes of shadow; the one for threads also runs a thread that makes calls of its own. */
#if defined(HAS_ASAN) || defined(HAS_TSAN)
#define MAY_LIMIT_MEMORY false
#else
#define MAY_LIMIT_MEMORY true
#endif
#if defined(HAS_TSAN)
#define MAY_FILTER_CALLS false
#else
#define MAY_FILTER_CALLS true
#endif

static enum trw_status
fail(struct trw_err *err, int errnum, const char *what)
{
	return trw_fail(err, TRW_ESANDBOX, "sandbox: %s: %s", what, strerror(errnum));
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
		return fail(err, errno, what);
	return TRW_OK;
}

static enum trw_status
limit_resources(const struct trw_guest_limits *limits, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (limits->memory_max > 0 && MAY_LIMIT_MEMORY)
		st = limit(RLIMIT_AS, limits->memory_max, "cannot limit memory", err);
	if (st == TRW_OK)
		st = limit(RLIMIT_CORE, 0, "cannot turn off core dumps", err);
	if (st == TRW_OK)
		st = limit(RLIMIT_FSIZE, 0, "cannot limit file sizes", err);
	if (st == TRW_OK)
		st = limit(RLIMIT_NPROC, 0, "cannot limit processes", err);
	/* Descriptor 0 is taken, so 1 admits no new one; with 0 poll would refuse to look at the socket. */
	if (st == TRW_OK)
		st = limit(RLIMIT_NOFILE, 1, "cannot limit descriptors", err);
	return st;
}

/* ---- Landlock: linux/landlock.h and landlock(7); numbers here, as headers are older than kernels ---- */

struct landlock_attr {
	uint64_t handled_fs, handled_net, scoped;
};

#define LANDLOCK_VERSION 1U /* flag of landlock_create_ruleset */

/* Rights that exist in a version of the interface; handled and never granted means denied. */
static struct landlock_attr
landlock_rights(long abi)
{
	/* bits of handled_fs, by version: 13 in the first, then REFER, TRUNCATE, (net), IOCTL_DEV */
	static const unsigned int n_fs[] = {0, 13, 14, 15, 15, 16};
	unsigned int n = n_fs[abi > 5 ? 5 : abi];

	return (struct landlock_attr){
		.handled_fs = ((uint64_t)1 << n) - 1,
		.handled_net = abi >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = abi >= 6 ? 3 : 0,      /* abstract sockets, signals */
	};
}

static enum trw_status
fence_paths(struct trw_err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	struct landlock_attr attr;
	long fd;

	if (abi < 1)
		return TRW_OK; /* not in this kernel: seccomp alone denies the calls */
	attr = landlock_rights(abi);
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		return fail(err, errno, "Landlock");
	(void)close((int)fd);
	return TRW_OK;
}

/* ---- seccomp ---- */

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(lseek),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(fadvise64),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Libraries ask these on the way and live with a refusal. None of them changes anything. */
static const int refused[] = {
	SCMP_SYS(prlimit64),
	SCMP_SYS(getrlimit),
	SCMP_SYS(ioctl),
	SCMP_SYS(getcwd),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getppid),
	SCMP_SYS(getrusage),
	SCMP_SYS(sched_getaffinity),
};

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

static int
add_lists(scmp_filter_ctx ctx)
{
	int rc = 0;

	for (size_t i = 0; i < N_ELEMENTS(allowed) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < N_ELEMENTS(refused) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	return rc;
}

/* Calls that are right or wrong by their arguments. Cases of one call must not overlap with another action. */
static int
add_conditions(scmp_filter_ctx ctx)
{
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	const struct {
		uint32_t action;
		int call;
		struct scmp_arg_cmp
			arg; /* argument, comparison, operand (a mask: and its operand) */
	} rules[] = {
		{SCMP_ACT_ALLOW, SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
		{SCMP_ACT_ALLOW, SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
		/* abort and raise: signals to this process only */
		{SCMP_ACT_ALLOW, SCMP_SYS(tgkill), {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0}},
		/* fstat in glibc */
		{SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), {3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0}},
		{refuse, SCMP_SYS(newfstatat), {3, SCMP_CMP_NE, AT_EMPTY_PATH, 0}},
		/* F_GETFD is 1 and F_GETFL is 3; the others are even or more than 3 */
		{SCMP_ACT_ALLOW, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFD, 0}},
		{SCMP_ACT_ALLOW, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0}},
		{refuse, SCMP_SYS(fcntl), {1, SCMP_CMP_MASKED_EQ, 1, 0}},
		{refuse, SCMP_SYS(fcntl), {1, SCMP_CMP_GT, F_GETFL, 0}},
	};
	int rc = 0;

	for (size_t i = 0; i < N_ELEMENTS(rules) && rc == 0; i++)
		rc = seccomp_rule_add_array(ctx, rules[i].action, rules[i].call, 1, &rules[i].arg);
	return rc;
}

static enum trw_status
filter_calls(struct trw_err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = -ENOMEM;

	if (ctx == NULL)
		goto out;
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = add_lists(ctx);
	if (rc == 0)
		rc = add_conditions(ctx);
	if (rc == 0)
		rc = seccomp_load(ctx);
out:
	seccomp_release(ctx);
	if (rc != 0)
		return fail(err, -rc, "seccomp");
	return TRW_OK;
}

enum trw_status
trw_guest_lock_down(const struct trw_guest_limits *limits, struct trw_err *err)
{
	/* Standard error may be a file (TROWEL_WORKER_STDERR): a refused write is no reason to die. */
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	enum trw_status st = TRW_OK;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0)
		return fail(err, errno, "cannot give up privileges");
	if (!limits->no_sandbox)
		st = fence_paths(err);
	if (st == TRW_OK)
		st = limit_resources(limits, err);
	if (st == TRW_OK && !limits->no_sandbox && MAY_FILTER_CALLS)
		st = filter_calls(err);
	return st;
}
