/* SPDX-License-Identifier: Apache-2.0 */
/** Start the worker program with its socket and activity page, and nothing else. */
#pragma once

#include "worker/host/worker.h"

#include <sys/types.h>

/** All-zero is "none"; fds are then 0 and not open. */
struct trw_spawned {
	pid_t pid;
	int socket, pidfd;             /* close-on-exec; pidfd -1 where the kernel has none */
	struct trw_activity *activity; /* mapped page; munmap sizeof(struct trw_activity) */
};

/** spec with every default filled in. Errors: TRW_ESANDBOX (cannot be started), TRW_ENOMEM; *out is unchanged. */
TRW_NODISCARD enum trw_status trw_spawn(
	const struct trw_worker_spec *spec, struct trw_spawned *out, struct trw_err *err);
