/* SPDX-License-Identifier: Apache-2.0 */
/** The first error of threads that work together: any of them sets it, every loop looks at it and ends. */
#pragma once

#include "base/status.h"

#include <pthread.h>
#include <stdatomic.h>

struct trw_first_error {
	pthread_mutex_t mu;
	struct trw_err err; /* guarded by mu */
	atomic_bool is_set;
};

void trw_first_error_init(struct trw_first_error *first);
void trw_first_error_destroy(struct trw_first_error *first);

/** Keep err unless another came first. Threads: any. */
void trw_first_error_set(struct trw_first_error *first, const struct trw_err *err);

/** True when an error is kept. Threads: any. */
bool trw_first_error_is_set(const struct trw_first_error *first);

/** True when an error is kept or the user cancelled: end soon. Threads: any. */
bool trw_first_error_stops(const struct trw_first_error *first);

/** The kept error, else TRW_OK. Threads: any. */
TRW_NODISCARD enum trw_status trw_first_error_get(
	struct trw_first_error *first, struct trw_err *err);

/** The kept error, else TRW_ECANCEL when the user cancelled, else TRW_OK. Threads: any. */
TRW_NODISCARD enum trw_status trw_first_error_status(
	struct trw_first_error *first, struct trw_err *err);
