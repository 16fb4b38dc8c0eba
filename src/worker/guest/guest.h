/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Worker processes, the worker's own side: frames to the coordinator, the activity page, and the lock-down.
 * Threads: a worker is single-threaded.
 */
#pragma once

#include "record/activity.h"
#include "sandbox/sandbox.h"
#include "worker/frame.h"

/** Take over the inherited socket and activity page (fixed fds TRW_WORKER_SOCKET, TRW_WORKER_ACTIVITY). */
TRW_NODISCARD enum trw_status trw_guest_attach(struct trw_err *err);

struct trw_guest_limits {
	uint64_t memory_max; /* address space, bytes; 0 = unlimited */
	const char *const *
		paths; /* the image's files: while it is opened, they and what lies beside them can be read */
	size_t n_paths;
	bool no_landlock,
		no_seccomp; /* one of them: tests of the other; both: --no-sandbox, rlimits only */
};

/**
 * Lock down for good, in two steps: TRW_LOCK_OPEN before the first byte of an image is looked at, TRW_LOCK_WORK when
 * it is open. What each leaves: sandbox/policy.c. What is off its list kills the process.
 * Errors: TRW_ESANDBOX, TRW_ENOMEM, and the caller must exit.
 */
TRW_NODISCARD enum trw_status trw_guest_lock_down(
	enum trw_lock lock, const struct trw_guest_limits *limits, struct trw_err *err);

/** Queue a frame; it leaves when the buffer is full or at flush. A lost coordinator ends the process. */
void trw_guest_send(enum trw_frame_type type, const void *payload, size_t len);
void trw_guest_flush(void);
void trw_guest_failed(const struct trw_err *err); /* a FAILED frame and a flush */

/** The next request; blocks. TRW_END when the coordinator has closed. Payload borrowed until the next call. */
TRW_NODISCARD enum trw_status trw_guest_recv(
	enum trw_frame_type *type, const uint8_t **payload, size_t *len, struct trw_err *err);

void trw_guest_step(enum trw_step step, uint64_t inode); /* also a tick */
void trw_guest_tick(void);
