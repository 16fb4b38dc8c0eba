/* SPDX-License-Identifier: Apache-2.0 */
/** Images against a finished database: are these still the bytes that were indexed? */
#pragma once

#include "index/job/items.h"
#include "index/write/progress.h"

/**
 * Read each image again, digest its media and compare with the digests that the database computed and those
 * that the container stores. Images are found by size and base name, else by order. Every finding goes to
 * report as one line; *n_findings 0 = all agree. progress may be NULL. Errors: what opening says, TRW_EDB,
 * TRW_ENOMEM, TRW_ECANCEL.
 */
TRW_NODISCARD enum trw_status trw_index_verify_images(const char *db,
	const struct trw_index_images *images, void (*report)(void *ctx, const char *line),
	void *ctx, size_t *n_findings, struct trw_progress *progress, struct trw_err *err);
