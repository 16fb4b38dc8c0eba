/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Containers that own code does not read, through a worker with the role "media": the hook for
 * struct trw_image_options. The worker is restarted when it dies; what it cannot read twice is missing.
 */
#pragma once

#include "image/image.h"
#include "image/opening/opening.h"
#include "worker/host/worker.h"

/** hook_ctx of trw_media_open; all-zero is fine. Borrowed for the call, its strings until close. */
struct trw_media_options {
	const char *binary; /* as in struct trw_worker_spec, as are the others */
	uint32_t sector_size;
	uint64_t memory_max, quiet_max_ns;
	bool no_sandbox;
};

/**
 * A trw_image_foreign_open; hook_ctx: const struct trw_media_options, or NULL. Errors: those of
 * trw_worker_start, and TRW_EWORKER with the worker's own reason. Reads are serialised; read's errors:
 * TRW_ENOMEM, TRW_ECANCEL.
 */
TRW_NODISCARD enum trw_status trw_media_open(void *hook_ctx, enum trw_image_format format,
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);
