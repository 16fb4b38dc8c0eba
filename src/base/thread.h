/* SPDX-License-Identifier: Apache-2.0 */
/** A thread that is started and waited for. */
#pragma once

#include "base/status.h"

#include <pthread.h>

/** All-zero is a thread that does not run. Threads: who starts it waits for it. */
struct trw_thread {
	pthread_t id;
	bool is_running;
};

/** Start it; t must not run. Errors: TRW_EIO, TRW_ENOMEM, with a text that names `what`; t is then as it was. */
TRW_NODISCARD enum trw_status trw_thread_start(struct trw_thread *t, void *(*work)(void *ctx),
	void *ctx, const char *what, struct trw_err *err);

/** Wait until it has ended. Nothing to do when it does not run. */
void trw_thread_join(struct trw_thread *t);
