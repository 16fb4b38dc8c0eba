/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/guest/guest.h"

/* While a container is opened its other files are looked for: VMDK names extents, a set of segments names none. */
static enum trw_status
grant_paths(const struct trw_guest_limits *limits, struct trw_grants *grants, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < limits->n_paths && st == TRW_OK; i++)
		st = trw_grant_beside(grants, limits->paths[i], err);
	return st;
}

enum trw_status
trw_guest_lock_down(enum trw_lock lock, const struct trw_guest_limits *limits, struct trw_err *err)
{
	struct trw_grants grants = {0};
	const struct trw_sandbox sandbox = {.lock = lock,
		.grants = &grants,
		.memory_max = limits->memory_max,
		.no_landlock = limits->no_landlock,
		.no_seccomp = limits->no_seccomp};
	enum trw_status st = lock == TRW_LOCK_OPEN ? grant_paths(limits, &grants, err) : TRW_OK;

	if (st == TRW_OK)
		st = trw_sandbox_enter(&sandbox, err);
	trw_grants_clear(&grants);
	return st;
}
