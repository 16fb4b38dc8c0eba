/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the streams of one image may cost. A hostile file system can claim exabytes of zeros, or a million
 * streams over the same clusters; without a limit the run would never end.
 */
#pragma once

#include "index/index.h"
#include "index/task.h"

/** Granted so far in this image; all-zero at its begin. Owner: the walker thread. */
struct trw_allowance {
	uint64_t sparse; /* bytes without an image byte behind them */
	uint64_t stored; /* bytes to read or decode */
};

/**
 * Take the cost of the task's stream. NULL, or the code of the problem that says why it is not to be digested:
 * "sparse-limit", "overlap-limit"; nothing is taken then. Called in walk order, so that the answers do not
 * depend on the number of hashers.
 */
const char *trw_allowance_take(struct trw_allowance *spent, const struct trw_index_options *options,
	uint64_t image_size, const struct trw_task *task);
