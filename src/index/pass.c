/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pass.h"

/*
 * libtsk can be made to take gigabytes by an image of 100 KB, and needs them for an honest disk with millions of
 * deleted files: so the cap grows with the image.
 */
#define MEMORY_MIN ((uint64_t)768 << 20)
#define MEMORY_MAX ((uint64_t)8 << 30)
#define IMAGE_BYTES_PER_BYTE 64

static uint64_t
memory_max(uint64_t image_size)
{
	uint64_t extra = image_size / IMAGE_BYTES_PER_BYTE;

	return extra < MEMORY_MAX - MEMORY_MIN ? MEMORY_MIN + extra : MEMORY_MAX;
}

struct trw_worker_spec
trw_pass_worker(const struct trw_pass *pass, const char *role)
{
	return (struct trw_worker_spec){
		.role = role,
		.paths = pass->paths,
		.n_paths = pass->n_paths,
		.sector_size = pass->options->sector_size,
		.memory_max = memory_max(trw_image_info(pass->image)->size),
		.quiet_max_ns = pass->options->item_timeout_ns,
		.no_sandbox = pass->options->no_sandbox,
	};
}

enum trw_code
trw_pass_end_code(const struct trw_worker_end *end)
{
	if (end->is_hung)
		return TRW_CODE_WORKER_HANG;
	if (end->is_violation)
		return TRW_CODE_WORKER_VIOLATION;
	return end->is_protocol ? TRW_CODE_WORKER_PROTOCOL : TRW_CODE_WORKER_CRASH;
}
