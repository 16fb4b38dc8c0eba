/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a process gives up before it looks at foreign bytes, for good. Three fences, so that a hole in one is not a
 * hole in all:
 *
 *     rlimits   no more memory than granted, no core; of a worker: no file can grow, no new process
 *     Landlock  only the paths that were granted, only as they were granted; no TCP (where the kernel has it)
 *     seccomp   only the calls that policy.c lists
 *
 * An alternative was namespaces: they need privileges or user namespaces, which many systems turn off.
 * Threads: enter before the first thread is started; those that come later are held by the same fences.
 */
#pragma once

#include "base/status.h"

/** Who locks itself down, and when. What each may still do stands in policy.c, and there alone. */
enum trw_lock {
	TRW_LOCK_OPEN, /* a worker that is about to open an image */
	TRW_LOCK_WORK, /* a worker that has opened it: no path, no new descriptor */
	TRW_LOCK_TOOL, /* trowel itself: files and threads, no program, no socket */
	TRW_LOCK_HOST, /* trowel where it starts workers */
	TRW_LOCK_N
};

enum trw_right {
	TRW_RIGHT_READ,    /* a file; or what is below a folder, and the folder's list */
	TRW_RIGHT_TEMP,    /* also make, write and remove files below a folder */
	TRW_RIGHT_WRITE,   /* also make, rename and remove folders below it */
	TRW_RIGHT_EXECUTE, /* read and execute */
	TRW_RIGHT_N
};

struct trw_grant {
	char *path; /* owned */
	enum trw_right right;
};

/** All-zero is "nothing". */
struct trw_grants {
	struct trw_grant *v; /* owned */
	size_t n, cap;
};

/** What isn't there grants nothing, and is no error: who opens it later says so. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_grant_add(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err);

/** The folder that path is an entry of. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_grant_folder_of(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err);

/**
 * Read a file and all that lies beside it (a folder and all that lies below it), and the files that symbolic links
 * there lead to: the parts of a set have names that only the set tells. Errors: TRW_ENOMEM, TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_grant_beside(
	struct trw_grants *grants, const char *path, struct trw_err *err);

void trw_grants_clear(struct trw_grants *grants);

struct trw_sandbox {
	enum trw_lock lock;
	const struct trw_grants *grants; /* NULL: no path at all */
	uint64_t memory_max;             /* address space, bytes; 0 = as it is */
	/* Each fence must hold alone: tests take the other one away. Both: --no-sandbox, rlimits only. */
	bool no_landlock, no_seccomp;
};

/**
 * Lock down. A later lock only takes away. A kernel without Landlock leaves that fence out (trw_sandbox_text tells);
 * anything else that is missing fails. Errors: TRW_ESANDBOX: the caller must not go on.
 */
TRW_NODISCARD enum trw_status trw_sandbox_enter(const struct trw_sandbox *s, struct trw_err *err);

/** Which fences this kernel offers, for the record: "seccomp, Landlock 7". Static storage; one thread at a time. */
const char *trw_sandbox_text(void);
