/* SPDX-License-Identifier: Apache-2.0 */
/** The fences one by one, and how policy.c speaks of calls. Inside src/sandbox only. */
#pragma once

#include "sandbox/grants.h"
#include "sandbox/lock.h"

#include <seccomp.h>

#define TRW_LOCK_BIT(lock) (1U << (lock))

/** Calls that are the same under each of the locks that a mask (of TRW_LOCK_BIT) names. No call is named twice for one lock. */
struct trw_call_list {
	const int *calls;
	size_t n;
	unsigned allowed;
	unsigned refused; /* EPERM: libraries ask on the way, and live with it */
	unsigned deadly;  /* kills the process with SIGSYS */
};

/** A call that is right or wrong by one argument. Cases of one call must not overlap with another action. */
struct trw_call_case {
	unsigned locks;
	uint32_t action; /* SCMP_ACT_ */
	int call;
	struct scmp_arg_cmp arg; /* argument, comparison, operand (a mask: and its operand) */
};

/** What becomes of a call that no list names. */
extern const uint32_t trw_calls_otherwise[TRW_LOCK_N];
extern const struct trw_call_list trw_call_lists[];
extern const size_t trw_call_lists_n;
extern const struct trw_call_case trw_call_cases[];
extern const size_t trw_call_cases_n;

/** TRW_ESANDBOX: "sandbox: what: reason". */
TRW_NODISCARD enum trw_status trw_sandbox_fail(struct trw_err *err, int errnum, const char *what);

/** Nothing to do where the kernel has no Landlock. */
TRW_NODISCARD enum trw_status trw_fence_paths(const struct trw_grants *grants, struct trw_err *err);

/** The version of Landlock in this kernel; 0 = none. */
long trw_landlock_version(void);

TRW_NODISCARD enum trw_status trw_fence_calls(enum trw_lock lock, struct trw_err *err);
