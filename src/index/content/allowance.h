/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the streams of one image may cost. A hostile file system can claim exabytes of zeros, or a million
 * streams over the same clusters; without a limit the run would never end.
 */
#pragma once

#include "index/content/task.h"
#include "index/index.h"

/** Granted so far in this image; all-zero at its begin. Owner: the walker thread. */
struct trw_allowance {
	uint64_t sparse; /* bytes without an image byte behind them */
	uint64_t stored; /* bytes to read or decode */
};

/**
 * Take the cost of the task's stream. NONE, or why it is not to be digested: TRW_CODE_SPARSE_LIMIT or
 * TRW_CODE_OVERLAP_LIMIT; nothing is taken then. Called in walk order, so that the answers do not depend on the
 * number of hashers.
 */
enum trw_code trw_allowance_take(struct trw_allowance *spent,
	const struct trw_index_options *options, uint64_t image_size, const struct trw_task *task);
