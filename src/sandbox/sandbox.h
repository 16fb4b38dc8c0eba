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

#include "sandbox/grants.h"
#include "sandbox/lock.h"

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
