/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: what each lock leaves. Who reads one file to see what hostile bytes could still do reads this one; which
 * paths are granted stands in cli/lockdown.c for trowel and in worker/guest/lock.c for workers.
 *
 *              files               programs     processes   sockets   a call that no list names
 *     OPEN     read                 -            -           -         kills
 *     WORK     those that are open  -            -           -         kills
 *     TOOL     read and write       -            threads     -         ENOSYS
 *     HOST     read and write       the worker   workers     a pair    goes through
 *
 * TOOL answers as a kernel would that doesn't have the call: a C library of next year then does what it did before.
 * HOST is a list of what is forbidden, not of what is allowed: workers inherit it, and what they may do is said
 * by OPEN and WORK, which each of them lays on top.
 */
#include "sandbox/fences.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define OPEN TRW_LOCK_BIT(TRW_LOCK_OPEN)
#define WORK TRW_LOCK_BIT(TRW_LOCK_WORK)
#define TOOL TRW_LOCK_BIT(TRW_LOCK_TOOL)
#define HOST TRW_LOCK_BIT(TRW_LOCK_HOST)

#define REFUSE SCMP_ACT_ERRNO(EPERM)

const uint32_t trw_calls_otherwise[TRW_LOCK_N] = {
	[TRW_LOCK_OPEN] = SCMP_ACT_KILL_PROCESS,
	[TRW_LOCK_WORK] = SCMP_ACT_KILL_PROCESS,
	[TRW_LOCK_TOOL] = SCMP_ACT_ERRNO(ENOSYS),
	[TRW_LOCK_HOST] = SCMP_ACT_ALLOW,
};

/* Read what is open, map memory, talk on one socket, end. */
static const int basics[] = {
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

/* Look at paths. */
static const int looks[] = {
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
};

/* Read a folder, and what glibc makes of fstat. */
static const int listings[] = {
	SCMP_SYS(getdents64),
	SCMP_SYS(fcntl),
	SCMP_SYS(newfstatat),
};

/* Libraries ask these of what is open; other arguments would change something. */
static const int settings[] = {
	SCMP_SYS(ioctl),
	SCMP_SYS(prlimit64),
};

/* Libraries ask these on the way. None of them changes anything. */
static const int questions[] = {
	SCMP_SYS(getrlimit),
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

/* afflib locks what it opens, shared: that keeps nobody from reading. */
static const int advisory[] = {
	SCMP_SYS(flock),
};

/* For the next lock. */
static const int locks[] = {
	SCMP_SYS(seccomp),
	SCMP_SYS(landlock_create_ruleset),
	SCMP_SYS(landlock_add_rule),
	SCMP_SYS(landlock_restrict_self),
};

/* Write files, start and stop threads, wait. Which files is for Landlock to say. */
static const int tools[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(ftruncate),
	SCMP_SYS(truncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(sync_file_range),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(sendfile),
	SCMP_SYS(flock),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(close_range),
	SCMP_SYS(pipe2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchown),
	SCMP_SYS(umask),
	SCMP_SYS(utimensat),
	SCMP_SYS(memfd_create),
	SCMP_SYS(msync),
	SCMP_SYS(mincore),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(rseq),
	SCMP_SYS(membarrier),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(prlimit64),
	SCMP_SYS(times),
};

/* No part of trowel calls these: a process that does is no longer trowel. */
static const int hostile[] = {
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(fsopen),
	SCMP_SYS(fspick),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(acct),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
};

/* What starting and stopping workers needs. */
static const int hosting[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(socketpair),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	SCMP_SYS(pidfd_send_signal),
};

#define LIST(a) (a), sizeof(a) / sizeof((a)[0])
const struct trw_call_list trw_call_lists[] = {
	{LIST(basics), .allowed = OPEN | WORK | TOOL},
	{LIST(looks), .allowed = OPEN | TOOL, .refused = WORK},
	{LIST(listings), .allowed = OPEN | TOOL},
	{LIST(settings), .refused = WORK},
	{LIST(questions), .allowed = TOOL, .refused = OPEN | WORK},
	{LIST(advisory), .allowed = OPEN, .refused = WORK},
	{LIST(locks), .allowed = OPEN},
	{LIST(tools), .allowed = TOOL},
	{LIST(hostile), .deadly = TOOL | HOST},
	{LIST(hosting), .deadly = TOOL},
};
const size_t trw_call_lists_n = sizeof(trw_call_lists) / sizeof(trw_call_lists[0]);

/* The bits of open's flags that make it more than reading; flags is argument n. */
#define OPEN_TO_READ(call, n)                                                                      \
	{OPEN, SCMP_ACT_ALLOW, SCMP_SYS(call),                                                     \
		{n, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY}},                 \
		{OPEN, REFUSE, SCMP_SYS(call), {n, SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY}},       \
		{OPEN, REFUSE, SCMP_SYS(call), {n, SCMP_CMP_MASKED_EQ, O_RDWR, O_RDWR}},           \
		{OPEN, REFUSE, SCMP_SYS(call), {n, SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT}},         \
	{                                                                                          \
		OPEN, REFUSE, SCMP_SYS(call),                                                      \
		{                                                                                  \
			n, SCMP_CMP_MASKED_EQ, O_TRUNC, O_TRUNC                                    \
		}                                                                                  \
	}

const struct trw_call_case trw_call_cases[] = {
	{OPEN | WORK | TOOL, SCMP_ACT_ALLOW, SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{OPEN | WORK | TOOL, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{TOOL, REFUSE, SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC}},
	{TOOL, REFUSE, SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC}},
	OPEN_TO_READ(openat, 2),
	OPEN_TO_READ(open, 1),
	/* fstat in glibc is newfstatat without a path */
	{WORK, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), {3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0}},
	{WORK, REFUSE, SCMP_SYS(newfstatat), {3, SCMP_CMP_NE, AT_EMPTY_PATH, 0}},
	/* F_GETFD is 1 and F_GETFL is 3; the others are even or more than 3 */
	{WORK, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFD, 0}},
	{WORK, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0}},
	{WORK, REFUSE, SCMP_SYS(fcntl), {1, SCMP_CMP_MASKED_EQ, 1, 0}},
	{WORK, REFUSE, SCMP_SYS(fcntl), {1, SCMP_CMP_GT, F_GETFL, 0}},
	/* the size of a block device; on which the others say whether this is a terminal, and how wide */
	{OPEN | TOOL, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, BLKGETSIZE64, 0}},
	{OPEN, REFUSE, SCMP_SYS(ioctl), {1, SCMP_CMP_NE, BLKGETSIZE64, 0}},
	{TOOL, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TCGETS, 0}},
	{TOOL, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TIOCGWINSZ, 0}},
	/* more descriptors while a set of many segments is opened, none afterwards */
	{OPEN, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {1, SCMP_CMP_EQ, RLIMIT_NOFILE, 0}},
	{OPEN, REFUSE, SCMP_SYS(prlimit64), {1, SCMP_CMP_NE, RLIMIT_NOFILE, 0}},
	/* libseccomp says it once more for the next lock */
	{OPEN, SCMP_ACT_ALLOW, SCMP_SYS(prctl), {0, SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS, 0}},
	{OPEN, REFUSE, SCMP_SYS(prctl), {0, SCMP_CMP_NE, PR_SET_NO_NEW_PRIVS, 0}},
	{TOOL, SCMP_ACT_ALLOW, SCMP_SYS(prctl), {0, SCMP_CMP_EQ, PR_SET_NAME, 0}},
	/* a thread, no process */
	{TOOL, SCMP_ACT_ALLOW, SCMP_SYS(clone),
		{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}},
	{TOOL, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), {0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}},
};
const size_t trw_call_cases_n = sizeof(trw_call_cases) / sizeof(trw_call_cases[0]);
