/* SPDX-License-Identifier: Apache-2.0 */
/** The first error of a run: any thread sets it, every loop looks at it and ends. */
#pragma once

#include "base/status.h"

#include <pthread.h>
#include <stdatomic.h>

struct trw_latch {
	pthread_mutex_t mu;
	struct trw_err err; /* guarded by mu */
	atomic_bool is_set;
};

void trw_latch_init(struct trw_latch *latch);
void trw_latch_destroy(struct trw_latch *latch);

/** Keep err unless another came first. Threads: any. */
void trw_latch_set(struct trw_latch *latch, const struct trw_err *err);

/** True when an error is kept or the user cancelled: end soon. Threads: any. */
bool trw_latch_stops(const struct trw_latch *latch);

/** The kept error, else TRW_ECANCEL when the user cancelled, else TRW_OK. Threads: any. */
TRW_NODISCARD enum trw_status trw_latch_status(struct trw_latch *latch, struct trw_err *err);
