/* SPDX-License-Identifier: Apache-2.0 */
/** How a worker ended, in words. */
#pragma once

#include "record/activity.h"

/** How a worker ended, for the problem row. */
struct trw_worker_end {
	bool is_hung;                      /* killed by the deadline */
	bool is_violation;                 /* killed by the sandbox (SIGSYS) */
	bool is_protocol;                  /* killed for a frame that breaks the rules */
	int signal, status;                /* signal 0 = exited with status */
	struct trw_activity_view activity; /* where it was */
	char text[160]; /* "killed by SIGSEGV while reading the metadata of inode 42" */
};

/** Snapshot of the shared page; an unknown step reads as TRW_STEP_NONE. */
struct trw_activity_view trw_activity_look(const struct trw_activity *activity);

/**
 * Fill in signal, status, is_violation and text from a status of waitpid; activity, is_hung and is_protocol are
 * set already. quiet_ns: the deadline, for the text. broke: what broke the protocol, or NULL.
 */
void trw_worker_end_fill(
	struct trw_worker_end *end, int wait_status, uint64_t quiet_ns, const char *broke);
