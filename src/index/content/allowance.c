/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/allowance.h"

/* Sound file systems share blocks by reflinks, snapshots and hard links, but not that often. */
#define OVERLAP_FACTOR 64
#define OVERLAP_FLOOR ((uint64_t)64 << 30)
#define SIZE_MAX_COUNTED ((uint64_t)1 << 56) /* keeps the sums below in 64 bits */

static bool
fits(uint64_t spent, uint64_t cost, uint64_t max)
{
	return cost <= max && spent <= max - cost;
}

enum trw_code
trw_allowance_take(struct trw_allowance *spent, const struct trw_index_options *options,
	uint64_t image_size, const struct trw_task *task)
{
	uint64_t size = image_size < SIZE_MAX_COUNTED ? image_size : SIZE_MAX_COUNTED;
	uint64_t sparse = trw_task_sparse(task, image_size);
	uint64_t stored = trw_task_stored(task, image_size);
	uint64_t one = options->sparse_max + (task->source == TRW_CONTENT_DECODE ? size : 0);
	uint64_t all = 4 * options->sparse_max + 8 * size;
	uint64_t overlap = options->overlap_max > 0 ? options->overlap_max
						    : OVERLAP_FACTOR * size + OVERLAP_FLOOR;

	if (sparse > one || !fits(spent->sparse, sparse, all))
		return TRW_CODE_SPARSE_LIMIT;
	if (!fits(spent->stored, stored, overlap))
		return TRW_CODE_OVERLAP_LIMIT;
	spent->sparse += sparse;
	spent->stored += stored;
	return TRW_CODE_NONE;
}
