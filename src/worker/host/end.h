/* SPDX-License-Identifier: Apache-2.0 */
/** How a worker ended, in words. */
#pragma once

#include "worker/host/worker.h"

/** Snapshot of the shared page; an unknown step reads as TRW_STEP_NONE. */
struct trw_activity_view trw_activity_look(const struct trw_activity *activity);

/**
 * Fill in signal, status, is_violation and text from a status of waitpid; activity, is_hung and is_protocol are
 * set already. quiet_ns: the deadline, for the text. broke: what broke the protocol, or NULL.
 */
void trw_worker_end_fill(
	struct trw_worker_end *end, int wait_status, uint64_t quiet_ns, const char *broke);
