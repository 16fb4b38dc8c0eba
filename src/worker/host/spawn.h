/* SPDX-License-Identifier: Apache-2.0 */
/** Start the worker program with its socket and activity page, and nothing else. */
#pragma once

#include "base/status.h"
#include "record/activity.h"

#include <sys/types.h>

struct trw_worker_spec {
	const char *binary;       /* path of trowel-worker; NULL = trw_worker_binary() */
	const char *role;         /* "walk", "read", "media", or for tests "plug-open" ... */
	const char *const *paths; /* the image's files as the user gave them */
	size_t n_paths;
	uint32_t sector_size;  /* 0 = default */
	uint64_t memory_max;   /* address space in bytes; 0 = 4 GiB */
	uint64_t quiet_max_ns; /* no frame and no tick for so long means hung; 0 = 30 s */
	bool no_sandbox;       /* --no-sandbox: an explicit, recorded choice */
};

/** All-zero is "none"; fds are then 0 and not open. */
struct trw_spawned {
	pid_t pid;
	int socket, pidfd;             /* close-on-exec; pidfd -1 where the kernel has none */
	struct trw_activity *activity; /* mapped page; munmap sizeof(struct trw_activity) */
};

/** spec with every default filled in. Errors: TRW_ESANDBOX (cannot be started), TRW_ENOMEM; *out is unchanged. */
TRW_NODISCARD enum trw_status trw_spawn(
	const struct trw_worker_spec *spec, struct trw_spawned *out, struct trw_err *err);
