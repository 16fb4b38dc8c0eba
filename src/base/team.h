/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Threads that share work: each takes the next item that nobody has. The caller is one of them, so a thread that cannot
 * be started leaves its part to the others, and a team of one does everything in order, in the caller's thread.
 */
#pragma once

#include "base/status.h"

#define TRW_TEAM_MAX 64 /* members */

/**
 * Call work once for every item from 0 to n_items - 1, by at most n_members threads (0 counts as 1, more than TRW_TEAM_MAX as
 * that), and return when all are done. member is the thread's number below n_members; the caller's is 0. Two calls
 * with one member's number never overlap. To end early work does nothing for the items that are left.
 */
void trw_team_run(unsigned n_members, size_t n_items,
	void (*work)(void *ctx, unsigned member, size_t item), void *ctx);
